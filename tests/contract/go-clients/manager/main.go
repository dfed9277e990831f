// Program manager runs an operator made with controller-runtime and says what a server got wrong.
// The server is that of KUBECONFIG; the first argument is a namespace to make and to work in.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/klog/v2"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	. "ork.local/tests/go-clients/checks"
)

const (
	finalizer = "example.com/cleanup"
	lastWords = "last-words"
)

var kind schema.GroupVersionKind

func newSite() *unstructured.Unstructured {
	site := &unstructured.Unstructured{}
	site.SetGroupVersionKind(kind)
	return site
}

// reconciler makes a ConfigMap of a Site, tells so in its status, and says goodbye before it goes.
type reconciler struct{ client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	site := newSite()
	if err := r.Get(ctx, request.NamespacedName, site); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !site.GetDeletionTimestamp().IsZero() {
		return ctrl.Result{}, r.leave(ctx, site)
	}
	if controllerutil.AddFinalizer(site, finalizer) {
		return ctrl.Result{}, r.Update(ctx, site)
	}
	title, _, _ := unstructured.NestedString(site.Object, "spec", "title")
	page := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: site.GetName(), Namespace: site.GetNamespace()}}
	_, err := controllerutil.CreateOrUpdate(ctx, r.Client, page, func() error {
		page.Data = map[string]string{"title": title}
		return controllerutil.SetControllerReference(site, page, r.Scheme())
	})
	if err != nil {
		return ctrl.Result{}, err
	}
	before := site.DeepCopy()
	site.Object["status"] = map[string]any{"title": title, "observedGeneration": site.GetGeneration()}
	return ctrl.Result{}, r.Status().Patch(ctx, site, client.MergeFrom(before))
}

func (r *reconciler) leave(ctx context.Context, site *unstructured.Unstructured) error {
	if !controllerutil.ContainsFinalizer(site, finalizer) {
		return nil
	}
	words := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: lastWords, Namespace: site.GetNamespace()}}
	if err := r.Create(ctx, words); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	controllerutil.RemoveFinalizer(site, finalizer)
	return r.Update(ctx, site)
}

// world is what all checks share.
type world struct {
	client.Client
	namespace string
	managers  []ctrl.Manager
	stops     []context.CancelFunc
}

func main() {
	ctrl.SetLogger(klog.Background())
	namespace := os.Args[1]
	kind = schema.GroupVersionKind{Group: namespace + ".example.com", Version: "v1", Kind: "Site"}
	plain, err := client.New(ctrl.GetConfigOrDie(), client.Options{})
	must(err)
	w := &world{Client: plain, namespace: namespace}
	must(w.Create(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}))
	Run([]Check{
		{Name: "a kind is made and served", Run: w.makeKind},
		{Name: "one of two managers leads", Run: w.startManagers},
		{Name: "an object gets its child, its status and its finalizer", Run: w.create},
		{Name: "an edit reaches the child and the status", Run: w.edit},
		{Name: "a child that was deleted comes back", Run: w.restore},
		{Name: "the caches of both managers hold what is there", Run: w.caches},
		{Name: "the other manager takes over", Run: w.takeOver},
		{Name: "a deletion waits for the finalizer and takes the child along", Run: w.remove},
	})
	for _, stop := range w.stops {
		stop()
	}
	_ = w.Delete(context.Background(), crd())
	_ = w.Delete(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func crd() *unstructured.Unstructured {
	text := map[string]any{"type": "string"}
	properties := map[string]any{
		"spec":   map[string]any{"type": "object", "required": []any{"title"}, "properties": map[string]any{"title": text}},
		"status": map[string]any{"type": "object", "properties": map[string]any{"title": text, "observedGeneration": map[string]any{"type": "integer"}}},
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]any{"name": "sites." + kind.Group},
		"spec": map[string]any{
			"group": kind.Group, "scope": "Namespaced", "names": map[string]any{"plural": "sites", "kind": kind.Kind},
			"versions": []any{map[string]any{
				"name": "v1", "served": true, "storage": true, "subresources": map[string]any{"status": map[string]any{}},
				"schema": map[string]any{"openAPIV3Schema": map[string]any{"type": "object", "properties": properties}},
			}},
		},
	}}
}

func (w *world) makeKind(ctx context.Context) error {
	if err := w.Create(ctx, crd()); err != nil {
		return err
	}
	return Until(ctx, "the kind", func() (bool, error) {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(kind.GroupVersion().WithKind("SiteList"))
		return w.List(ctx, list, client.InNamespace(w.namespace)) == nil, nil
	})
}

func (w *world) startManagers(ctx context.Context) error {
	for range 2 {
		manager, err := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{
			Metrics:                       server.Options{BindAddress: "0"},
			LeaderElection:                true,
			LeaderElectionID:              "go-manager",
			LeaderElectionNamespace:       w.namespace,
			LeaderElectionReleaseOnCancel: true,
			RetryPeriod:                   ptr.To(300 * time.Millisecond),
			Cache:                         cache.Options{DefaultNamespaces: map[string]cache.Config{w.namespace: {}}},
		})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("site-%d", len(w.managers))
		err = ctrl.NewControllerManagedBy(manager).Named(name).For(newSite()).Owns(&corev1.ConfigMap{}).
			Complete(&reconciler{manager.GetClient()})
		if err != nil {
			return err
		}
		own, stop := context.WithCancel(context.Background())
		go func() { _ = manager.Start(own) }()
		w.managers, w.stops = append(w.managers, manager), append(w.stops, stop)
		if len(w.managers) == 1 {
			select {
			case <-manager.Elected():
			case <-ctx.Done():
				return fmt.Errorf("nobody leads")
			}
		}
	}
	select {
	case <-w.managers[1].Elected():
		return fmt.Errorf("both lead")
	case <-time.After(time.Second):
		return nil
	}
}

func (w *world) key(name string) client.ObjectKey {
	return client.ObjectKey{Namespace: w.namespace, Name: name}
}

// has waits until a Site, its status and its child have the title.
func (w *world) has(ctx context.Context, name, title string) error {
	return Until(ctx, name+" with the title "+title, func() (bool, error) {
		site, page := newSite(), &corev1.ConfigMap{}
		if err := w.Get(ctx, w.key(name), site); err != nil {
			return false, err
		}
		if err := w.Get(ctx, w.key(name), page); err != nil {
			return false, client.IgnoreNotFound(err)
		}
		shown, _, _ := unstructured.NestedString(site.Object, "status", "title")
		seen, _, _ := unstructured.NestedInt64(site.Object, "status", "observedGeneration")
		return shown == title && page.Data["title"] == title && seen == site.GetGeneration() &&
			metav1.IsControlledBy(page, site) && controllerutil.ContainsFinalizer(site, finalizer), nil
	})
}

func (w *world) create(ctx context.Context) error {
	for _, name := range []string{"one", "two", "three"} {
		site := newSite()
		site.SetName(name)
		site.SetNamespace(w.namespace)
		site.Object["spec"] = map[string]any{"title": "hello"}
		if err := w.Create(ctx, site); err != nil {
			return err
		}
	}
	for _, name := range []string{"one", "two", "three"} {
		if err := w.has(ctx, name, "hello"); err != nil {
			return err
		}
	}
	wrong := newSite()
	wrong.SetName("wrong")
	wrong.SetNamespace(w.namespace)
	wrong.Object["spec"] = map[string]any{}
	err := w.Create(ctx, wrong)
	return Must(apierrors.IsInvalid(err), "a Site without a title: %v", err)
}

func (w *world) retitle(ctx context.Context, name, title string) error {
	site := newSite()
	site.SetName(name)
	site.SetNamespace(w.namespace)
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"title":%q}}`, title))
	if err := w.Patch(ctx, site, patch); err != nil {
		return err
	}
	return w.has(ctx, name, title)
}

func (w *world) edit(ctx context.Context) error {
	return w.retitle(ctx, "one", "changed")
}

func (w *world) restore(ctx context.Context) error {
	page := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "two", Namespace: w.namespace}}
	if err := w.Delete(ctx, page); err != nil {
		return err
	}
	return w.has(ctx, "two", "hello")
}

func (w *world) caches(ctx context.Context) error {
	for _, manager := range w.managers {
		err := Until(ctx, "three Sites in a cache", func() (bool, error) {
			list := &unstructured.UnstructuredList{}
			list.SetGroupVersionKind(kind.GroupVersion().WithKind("SiteList"))
			err := manager.GetClient().List(ctx, list, client.InNamespace(w.namespace))
			return len(list.Items) == 3, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *world) takeOver(ctx context.Context) error {
	w.stops[0]()
	select {
	case <-w.managers[1].Elected():
	case <-ctx.Done():
		return fmt.Errorf("nobody took over")
	}
	return w.retitle(ctx, "three", "taken over")
}

func (w *world) remove(ctx context.Context) error {
	site := newSite()
	if err := w.Get(ctx, w.key("one"), site); err != nil {
		return err
	}
	if err := w.Delete(ctx, site); err != nil {
		return err
	}
	for _, object := range []client.Object{newSite(), &corev1.ConfigMap{}} {
		err := Until(ctx, fmt.Sprintf("the end of %T", object), func() (bool, error) {
			err := w.Get(ctx, w.key("one"), object)
			return apierrors.IsNotFound(err), client.IgnoreNotFound(err)
		})
		if err != nil {
			return err
		}
	}
	if err := w.Get(ctx, w.key(lastWords), &corev1.ConfigMap{}); err != nil {
		return fmt.Errorf("no last words: %w", err)
	}
	return w.has(ctx, "two", "hello")
}
