package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/retry"
	. "ork.local/tests/go-clients/checks"
)

func (s *suite) leaders(ctx context.Context) error {
	leads := make(chan string, 2)
	candidate := func(name string) (context.CancelFunc, error) {
		lock, err := resourcelock.New(resourcelock.LeasesResourceLock, s.namespace, "leader",
			s.protobuf.CoreV1(), s.protobuf.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: name})
		if err != nil {
			return nil, err
		}
		elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
			Lock: lock, LeaseDuration: 4 * time.Second, RenewDeadline: 3 * time.Second, RetryPeriod: 300 * time.Millisecond,
			ReleaseOnCancel: true,
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: func(context.Context) { leads <- name },
				OnStoppedLeading: func() {},
			},
		})
		if err != nil {
			return nil, err
		}
		own, cancel := context.WithCancel(ctx)
		go elector.Run(own)
		return cancel, nil
	}
	expect := func(name string) error {
		select {
		case leader := <-leads:
			return Must(leader == name, "%s leads, not %s", leader, name)
		case <-ctx.Done():
			return fmt.Errorf("%s does not lead", name)
		}
	}
	stop, err := candidate("one")
	if err != nil {
		return err
	}
	if err := expect("one"); err != nil {
		return err
	}
	other, err := candidate("two")
	if err != nil {
		return err
	}
	defer other()
	select {
	case name := <-leads:
		return fmt.Errorf("%s leads beside one", name)
	case <-time.After(time.Second):
	}
	stop()
	return expect("two")
}

func (s *suite) scale(ctx context.Context) error {
	scaled := deployment("scaled")
	zero := int32(0)
	scaled.Spec.Replicas = &zero
	if _, err := s.typed.AppsV1().Deployments(s.namespace).Create(ctx, scaled, metav1.CreateOptions{}); err != nil {
		return err
	}
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.typed.Discovery()))
	scales, err := scale.NewForConfig(s.config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(s.typed.Discovery()))
	if err != nil {
		return err
	}
	resource := schema.GroupResource{Group: "apps", Resource: "deployments"}
	var now *autoscalingv1.Scale
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		now, err = scales.Scales(s.namespace).Get(ctx, resource, "scaled", metav1.GetOptions{})
		if err != nil {
			return err
		}
		now.Spec.Replicas = 1
		now, err = scales.Scales(s.namespace).Update(ctx, resource, now, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return err
	}
	typed, err := s.protobuf.AppsV1().Deployments(s.namespace).GetScale(ctx, "scaled", metav1.GetOptions{})
	if err != nil {
		return err
	}
	return Must(now.Spec.Replicas == 1 && typed.Spec.Replicas == 1 && typed.Status.Selector == "app=scaled", "%+v and %+v", now, typed)
}

func (s *suite) events(ctx context.Context) error {
	about, err := s.typed.CoreV1().ConfigMaps(s.namespace).Create(ctx, configMap("told", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: s.protobuf.CoreV1().Events(s.namespace)})
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "go-client"})
	for range 2 {
		recorder.Event(about, corev1.EventTypeNormal, "Told", "it was told")
	}
	return Until(ctx, "an event that was told twice", func() (bool, error) {
		list, err := s.typed.CoreV1().Events(s.namespace).Search(scheme.Scheme, about)
		return err == nil && len(list.Items) == 1 && list.Items[0].Count == 2, err
	})
}

func (s *suite) token(ctx context.Context) error {
	for _, client := range []*kubernetes.Clientset{s.typed, s.protobuf} {
		if err := s.tokenBy(ctx, client); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) tokenBy(ctx context.Context, client *kubernetes.Clientset) error {
	accounts := client.CoreV1().ServiceAccounts(s.namespace)
	made, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{GenerateName: "robot-"}}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	seconds := int64(3600)
	wish := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	answer, err := accounts.CreateToken(ctx, made.Name, wish, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	lasts := time.Until(answer.Status.ExpirationTimestamp.Time)
	if lasts < 50*time.Minute || lasts > 70*time.Minute || len(strings.Split(answer.Status.Token, ".")) != 3 || len(answer.Spec.Audiences) == 0 {
		return fmt.Errorf("a token for %s, audiences %v", lasts, answer.Spec.Audiences)
	}
	config := rest.AnonymousClientConfig(s.config)
	config.BearerToken = answer.Status.Token
	who, err := kubernetes.NewForConfigOrDie(config).AuthenticationV1().SelfSubjectReviews().
		Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	name := "system:serviceaccount:" + s.namespace + ":" + made.Name
	if who.Status.UserInfo.Username != name || who.Status.UserInfo.UID != string(made.UID) || len(who.Status.UserInfo.Groups) != 3 {
		return fmt.Errorf("the token is of %+v", who.Status.UserInfo)
	}
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: answer.Status.Token}}
	judged, err := client.AuthenticationV1().TokenReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil || !judged.Status.Authenticated || judged.Status.User.Username != name {
		return fmt.Errorf("the review says %+v: %w", judged.Status, err)
	}
	if err := accounts.Delete(ctx, made.Name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return Until(ctx, "the end of the token", func() (bool, error) {
		_, err := kubernetes.NewForConfigOrDie(config).CoreV1().ConfigMaps(s.namespace).List(ctx, metav1.ListOptions{})
		return apierrors.IsUnauthorized(err), nil
	})
}

func (s *suite) wrongToken(ctx context.Context) error {
	accounts := s.typed.CoreV1().ServiceAccounts(s.namespace)
	if _, err := accounts.CreateToken(ctx, "nobody", &authenticationv1.TokenRequest{}, metav1.CreateOptions{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("for nobody: %w", err)
	}
	short := int64(5)
	wish := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &short}}
	_, err := accounts.CreateToken(ctx, "default", wish, metav1.CreateOptions{})
	return Must(apierrors.IsInvalid(err) && strings.Contains(err.Error(), "may not specify a duration less than 10 minutes"), "too short: %v", err)
}

func (s *suite) reviews(ctx context.Context) error {
	wish := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "create", Resource: "pods", Namespace: s.namespace},
	}}
	answer, err := s.protobuf.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, wish, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	return Must(answer.Status.Allowed, "not allowed: %+v", answer.Status)
}
