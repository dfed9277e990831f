package main

import (
	"context"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/util/retry"
	. "ork.local/tests/go-clients/checks"
)

func (s *suite) discovery(context.Context) error {
	groups, lists, err := s.typed.Discovery().ServerGroupsAndResources()
	if err != nil {
		return err
	}
	preferred, err := s.typed.Discovery().ServerPreferredResources()
	if err != nil {
		return err
	}
	names := map[string]bool{}
	for _, list := range lists {
		for _, one := range list.APIResources {
			names[list.GroupVersion+"/"+one.Name] = true
		}
	}
	for _, name := range []string{"v1/pods", "v1/serviceaccounts/token", "apps/v1/deployments/scale", "batch/v1/cronjobs"} {
		if !names[name] {
			return fmt.Errorf("%s is not there", name)
		}
	}
	version, err := s.typed.Discovery().ServerVersion()
	if err != nil {
		return err
	}
	return Must(len(groups) > 10 && len(preferred) > 10 && version.Major == "1", "%d groups, version %s", len(groups), version)
}

func (s *suite) mapper(context.Context) error {
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(s.typed.Discovery()))
	mapping, err := mapper.RESTMapping(schema.GroupKind{Group: "apps", Kind: "StatefulSet"})
	if err != nil {
		return err
	}
	full, err := restmapper.NewShortcutExpander(mapper, s.typed.Discovery(), nil).ResourceFor(schema.GroupVersionResource{Resource: "sts"})
	if err != nil {
		return err
	}
	return Must(mapping.Resource == full && full.Resource == "statefulsets", "%v is not %v", mapping.Resource, full)
}

func (s *suite) openAPI(context.Context) error {
	paths, err := s.typed.Discovery().OpenAPIV3().Paths()
	if err != nil {
		return err
	}
	document, err := paths["apis/apps/v1"].Schema("application/json")
	if err != nil {
		return err
	}
	var read struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(document, &read); err != nil {
		return err
	}
	return Must(read.Components.Schemas["io.k8s.api.apps.v1.Deployment"] != nil, "Deployment has no schema")
}

func deployment(name string) *appsv1.Deployment {
	labels := map[string]string{"app": name}
	replicas, seconds := int32(2), int64(30)
	surge := intstr.FromString("25%")
	limits := corev1.ResourceList{"cpu": resource.MustParse("1500m"), "memory": resource.MustParse("64Mi")}
	probe := &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: intstr.FromInt32(80)}}}
	container := corev1.Container{
		Name: "web", Image: "nginx", Resources: corev1.ResourceRequirements{Limits: limits}, LivenessProbe: probe,
		Ports: []corev1.ContainerPort{{ContainerPort: 80}}, Env: []corev1.EnvVar{{Name: "A"}, {Name: "B", Value: "b"}},
	}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, Annotations: map[string]string{"empty": ""}},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Strategy: appsv1.DeploymentStrategy{RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{TerminationGracePeriodSeconds: &seconds, Containers: []corev1.Container{container}},
			},
		},
	}
}

func (s *suite) objects(client *kubernetes.Clientset) func(context.Context) error {
	return func(ctx context.Context) error {
		all := client.AppsV1().Deployments(s.namespace)
		made, err := all.Create(ctx, deployment("life"), metav1.CreateOptions{})
		if err != nil {
			return fmt.Errorf("create: %w", err)
		}
		if made.UID == "" || made.Spec.RevisionHistoryLimit == nil || made.CreationTimestamp.IsZero() || made.Generation != 1 {
			return fmt.Errorf("no defaults: %+v", made)
		}
		read, err := all.Get(ctx, "life", metav1.GetOptions{})
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		if !equality.Semantic.DeepEqual(read.Spec, made.Spec) {
			return fmt.Errorf("read %+v, made %+v", read.Spec, made.Spec)
		}
		err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
			read, err := all.Get(ctx, "life", metav1.GetOptions{})
			if err != nil {
				return err
			}
			read.Spec.Template.Spec.Containers[0].Image = "nginx:2"
			made, err = all.Update(ctx, read, metav1.UpdateOptions{})
			return err
		})
		if err != nil || made.Generation != 2 {
			return fmt.Errorf("update: generation %d: %w", made.Generation, err)
		}
		strategic := []byte(`{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:3"}]}}}}`)
		patched, err := all.Patch(ctx, "life", types.StrategicMergePatchType, strategic, metav1.PatchOptions{FieldManager: "me"})
		if err != nil || len(patched.Spec.Template.Spec.Containers[0].Env) != 2 {
			return fmt.Errorf("strategic patch: %w", err)
		}
		patch := []byte(`[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":0}]`)
		patched, err = all.Patch(ctx, "life", types.JSONPatchType, patch, metav1.PatchOptions{})
		if err != nil || *patched.Spec.Replicas != 0 {
			return fmt.Errorf("JSON patch: %w", err)
		}
		other := types.UID("other")
		err = all.Delete(ctx, "life", metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &other}})
		if !apierrors.IsConflict(err) {
			return fmt.Errorf("a precondition was ignored: %w", err)
		}
		background := metav1.DeletePropagationBackground
		if err := all.Delete(ctx, "life", metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
			return fmt.Errorf("delete: %w", err)
		}
		return Until(ctx, "the end", func() (bool, error) {
			_, err := all.Get(ctx, "life", metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
	}
}

func configMap(name string, labels map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}, Data: map[string]string{"key": "value"}}
}

func (s *suite) errors(ctx context.Context) error {
	maps := s.protobuf.CoreV1().ConfigMaps(s.namespace)
	if _, err := maps.Get(ctx, "none", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		return fmt.Errorf("not NotFound: %w", err)
	}
	made, err := maps.Create(ctx, configMap("errors", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if _, err := maps.Create(ctx, configMap("errors", nil), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("not AlreadyExists: %w", err)
	}
	made.Data["key"] = "new"
	if _, err := maps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	made.Data["key"] = "newer"
	if _, err := maps.Update(ctx, made, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		return fmt.Errorf("not Conflict: %w", err)
	}
	wrong := deployment("wrong")
	wrong.Spec.Template.Labels = nil
	_, err = s.protobuf.AppsV1().Deployments(s.namespace).Create(ctx, wrong, metav1.CreateOptions{})
	if !apierrors.IsInvalid(err) || !apierrors.HasStatusCause(err, metav1.CauseTypeFieldValueInvalid) {
		return fmt.Errorf("not Invalid: %w", err)
	}
	_, err = s.typed.CoreV1().ConfigMaps("no-such-namespace").Create(ctx, configMap("lost", nil), metav1.CreateOptions{})
	return Must(apierrors.IsNotFound(err), "no NotFound of a namespace: %v", err)
}

func (s *suite) pages(ctx context.Context) error {
	maps := s.protobuf.CoreV1().ConfigMaps(s.namespace)
	for i := range 25 {
		if _, err := maps.Create(ctx, configMap(fmt.Sprintf("page-%d", i), map[string]string{"page": "yes"}), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	pages := pager.New(func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		return maps.List(ctx, options)
	})
	pages.PageSize = 10
	seen := map[string]bool{}
	err := pages.EachListItem(ctx, metav1.ListOptions{LabelSelector: "page"}, func(object runtime.Object) error {
		seen[object.(*corev1.ConfigMap).Name] = true
		return nil
	})
	if err != nil {
		return err
	}
	return Must(len(seen) == 25, "%d objects on all pages", len(seen))
}

func (s *suite) selectors(ctx context.Context) error {
	maps := s.typed.CoreV1().ConfigMaps(s.namespace)
	for name, colour := range map[string]string{"red": "red", "blue": "blue", "green": "green"} {
		if _, err := maps.Create(ctx, configMap(name, map[string]string{"colour": colour}), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	expected := map[metav1.ListOptions]int{
		{LabelSelector: "colour in (red, blue)"}:                           2,
		{LabelSelector: "colour,colour!=red"}:                              2,
		{LabelSelector: "colour notin (red),colour"}:                       2,
		{FieldSelector: "metadata.name=red"}:                               1,
		{FieldSelector: "metadata.name!=red", LabelSelector: "colour"}:     2,
		{LabelSelector: "colour=red", ResourceVersion: "0"}:                1,
		{FieldSelector: "metadata.namespace=other", LabelSelector: "none"}: 0,
	}
	for options, count := range expected {
		list, err := maps.List(ctx, options)
		if err != nil {
			return err
		}
		if len(list.Items) != count && options.ResourceVersion != "0" {
			return fmt.Errorf("%+v: %d objects", options, len(list.Items))
		}
	}
	_, err := maps.List(ctx, metav1.ListOptions{FieldSelector: "data.key=value"})
	return Must(apierrors.IsBadRequest(err), "a field that cannot select: %v", err)
}

func (s *suite) collection(ctx context.Context) error {
	maps := s.protobuf.CoreV1().ConfigMaps(s.namespace)
	for name, label := range map[string]string{"goes-1": "goes", "goes-2": "goes", "stays": "stays"} {
		if _, err := maps.Create(ctx, configMap(name, map[string]string{"end": label}), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	if err := maps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "end=goes"}); err != nil {
		return err
	}
	left, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "end"})
	if err != nil {
		return err
	}
	return Must(len(left.Items) == 1 && left.Items[0].Name == "stays", "%d are left", len(left.Items))
}
