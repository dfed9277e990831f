package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	. "ork.local/tests/go-clients/checks"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

// seen counts what an informer told.
type seen struct {
	mutex sync.Mutex
	told  map[string]bool
}

func (s *seen) note(what string, object any) {
	if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = last.Obj
	}
	about, err := meta.Accessor(object)
	if err != nil {
		panic(err)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.told[what+" "+about.GetName()] = true
}

func (s *seen) wait(ctx context.Context, what string) error {
	return Until(ctx, "told of "+what, func() (bool, error) {
		s.mutex.Lock()
		defer s.mutex.Unlock()
		return s.told[what], nil
	})
}

func listen(informer cache.SharedIndexInformer) *seen {
	said := &seen{told: map[string]bool{}}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { said.note("added", object) },
		UpdateFunc: func(_, object any) { said.note("updated", object) },
		DeleteFunc: func(object any) { said.note("deleted", object) },
	})
	must(err)
	return said
}

// follows starts an informer of ConfigMaps and sees it through the life of one that was there and one that comes.
func (s *suite) follows(ctx context.Context, informer cache.SharedIndexInformer) error {
	maps := s.typed.CoreV1().ConfigMaps(s.namespace)
	said := listen(informer)
	before := fmt.Sprintf("before-%d", time.Now().UnixNano())
	after := fmt.Sprintf("after-%d", time.Now().UnixNano())
	if _, err := maps.Create(ctx, configMap(before, nil), metav1.CreateOptions{}); err != nil {
		return err
	}
	stop := make(chan struct{})
	defer close(stop)
	go informer.Run(stop)
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the cache was not filled")
	}
	if _, exists, err := informer.GetStore().GetByKey(s.namespace + "/" + before); !exists {
		return fmt.Errorf("what was there is not in the cache: %w", err)
	}
	made, err := maps.Create(ctx, configMap(after, nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if err := said.wait(ctx, "added "+after); err != nil {
		return err
	}
	made.Labels = map[string]string{"new": "yes"}
	if _, err := maps.Update(ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	if err := said.wait(ctx, "updated "+after); err != nil {
		return err
	}
	if err := maps.Delete(ctx, after, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return said.wait(ctx, "deleted "+after)
}

func (s *suite) informer(client *kubernetes.Clientset) func(context.Context) error {
	return func(ctx context.Context) error {
		factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(s.namespace))
		return s.follows(ctx, factory.Core().V1().ConfigMaps().Informer())
	}
}

func (s *suite) metadataInformer(ctx context.Context) error {
	factory := metadatainformer.NewFilteredSharedInformerFactory(s.metadata, 0, s.namespace, nil)
	return s.follows(ctx, factory.ForResource(configMaps).Informer())
}

var crds = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

func (s *suite) dynamicInformer(ctx context.Context) error {
	group := s.namespace + ".example.com"
	things := schema.GroupVersionResource{Group: group, Version: "v1", Resource: "things"}
	crd := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "things." + group},
		"spec": map[string]any{
			"group": group, "scope": "Namespaced",
			"names": map[string]any{"plural": "things", "kind": "Thing"},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true, "subresources": map[string]any{"status": map[string]any{}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
			}},
		},
	}}
	if _, err := s.dynamic.Resource(crds).Create(ctx, crd, metav1.CreateOptions{}); err != nil {
		return err
	}
	defer s.dynamic.Resource(crds).Delete(context.Background(), crd.GetName(), metav1.DeleteOptions{})
	client := s.dynamic.Resource(things).Namespace(s.namespace)
	thing := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/v1", "kind": "Thing", "metadata": map[string]any{"name": "first"}, "spec": map[string]any{"size": int64(3)},
	}}
	err := Until(ctx, "the new kind", func() (bool, error) {
		_, err := client.Create(ctx, thing, metav1.CreateOptions{})
		return err == nil, nil
	})
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(s.dynamic, 0, s.namespace, nil)
	said := listen(factory.ForResource(things).Informer())
	factory.Start(ctx.Done())
	if err := said.wait(ctx, "added first"); err != nil {
		return err
	}
	status := thing.DeepCopy()
	status.Object["status"] = map[string]any{"phase": "Ready"}
	applied, err := client.ApplyStatus(ctx, "first", status, metav1.ApplyOptions{FieldManager: "me", Force: true})
	if err != nil {
		return err
	}
	if phase, _, _ := unstructured.NestedString(applied.Object, "status", "phase"); phase != "Ready" {
		return fmt.Errorf("the status is %v", applied.Object["status"])
	}
	if err := said.wait(ctx, "updated first"); err != nil {
		return err
	}
	if err := client.Delete(ctx, "first", metav1.DeleteOptions{}); err != nil {
		return err
	}
	return said.wait(ctx, "deleted first")
}

func (s *suite) resume(ctx context.Context) error {
	maps := s.protobuf.CoreV1().ConfigMaps(s.namespace)
	list, err := maps.List(ctx, metav1.ListOptions{LabelSelector: "resume"})
	if err != nil {
		return err
	}
	for _, name := range []string{"resume-1", "resume-2", "resume-3"} {
		if _, err := maps.Create(ctx, configMap(name, map[string]string{"resume": "yes"}), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	version := list.ResourceVersion
	for _, name := range []string{"resume-1", "resume-2", "resume-3"} {
		options := metav1.ListOptions{LabelSelector: "resume", ResourceVersion: version, AllowWatchBookmarks: true}
		watching, err := maps.Watch(ctx, options)
		if err != nil {
			return err
		}
		event, open := <-watching.ResultChan()
		watching.Stop()
		made, ok := event.Object.(*corev1.ConfigMap)
		if !open || !ok || event.Type != watch.Added || made.Name != name {
			return fmt.Errorf("not %s but %+v", name, event)
		}
		version = made.ResourceVersion
	}
	from := cache.ListWatch{WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
		options.LabelSelector = "resume"
		return maps.Watch(ctx, options)
	}}
	retrying, err := watchtools.NewRetryWatcherWithContext(ctx, list.ResourceVersion, &from)
	if err != nil {
		return err
	}
	defer retrying.Stop()
	for range 3 {
		if event := <-retrying.ResultChan(); event.Type != watch.Added {
			return fmt.Errorf("the retrying watch says %+v", event)
		}
	}
	return nil
}

func (s *suite) expired(ctx context.Context) error {
	watching, err := s.typed.CoreV1().ConfigMaps(s.namespace).Watch(ctx, metav1.ListOptions{ResourceVersion: "1"})
	if apierrors.IsResourceExpired(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer watching.Stop()
	// A young server may still remember everything.
	event := <-watching.ResultChan()
	if event.Type == watch.Error {
		err := apierrors.FromObject(event.Object)
		return Must(apierrors.IsResourceExpired(err) || apierrors.IsGone(err), "the watch failed with %v", err)
	}
	return Must(event.Type == watch.Added, "the watch says %+v", event)
}

func (s *suite) leaving(ctx context.Context) error {
	maps := s.protobuf.CoreV1().ConfigMaps(s.namespace)
	made, err := maps.Create(ctx, configMap("leaving", map[string]string{"leaving": "no"}), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	watching, err := maps.Watch(ctx, metav1.ListOptions{LabelSelector: "leaving=no", ResourceVersion: made.ResourceVersion})
	if err != nil {
		return err
	}
	defer watching.Stop()
	made.Labels["leaving"] = "yes"
	left, err := maps.Update(ctx, made, metav1.UpdateOptions{})
	if err != nil {
		return err
	}
	event := <-watching.ResultChan()
	about, err := meta.Accessor(event.Object)
	if err != nil {
		return err
	}
	return Must(event.Type == watch.Deleted && about.GetResourceVersion() == left.ResourceVersion, "the watch says %+v", event)
}

func (s *suite) wait(ctx context.Context) error {
	maps := s.typed.CoreV1().ConfigMaps(s.namespace)
	made, err := maps.Create(ctx, configMap("waited", nil), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	selector := fields.OneTermEqualSelector("metadata.name", "waited").String()
	list := cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = selector
			return maps.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = selector
			return maps.Watch(ctx, options)
		},
	}, s.typed)
	go func() {
		time.Sleep(200 * time.Millisecond)
		_, _ = maps.Patch(ctx, made.Name, types.MergePatchType, []byte(`{"data":{"key":"done"}}`), metav1.PatchOptions{})
		time.Sleep(200 * time.Millisecond)
		_ = maps.Delete(ctx, made.Name, metav1.DeleteOptions{})
	}()
	isDone := func(event watch.Event) (bool, error) {
		now, ok := event.Object.(*corev1.ConfigMap)
		return ok && now.Data["key"] == "done", nil
	}
	if _, err := watchtools.UntilWithSync(ctx, list, &corev1.ConfigMap{}, nil, isDone); err != nil {
		return err
	}
	isGone := func(event watch.Event) (bool, error) { return event.Type == watch.Deleted, nil }
	_, err = watchtools.UntilWithSync(ctx, list, &corev1.ConfigMap{}, func(store cache.Store) (bool, error) {
		_, exists, err := store.GetByKey(s.namespace + "/waited")
		return !exists, err
	}, isGone)
	return err
}
