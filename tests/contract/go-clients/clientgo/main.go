// Program clientgo does with client-go what operators do with it, and says what a server got wrong.
// The server is that of KUBECONFIG; the first argument is a namespace to make and to work in.
package main

import (
	"context"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"ork.local/tests/go-clients/checks"
)

// suite is what all checks share.
type suite struct {
	config    *rest.Config
	namespace string
	typed     *kubernetes.Clientset
	// protobuf sends and asks for protobuf, as the components of a cluster do.
	protobuf *kubernetes.Clientset
	dynamic  *dynamic.DynamicClient
	metadata metadata.Interface
}

func main() {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	must(err)
	config.QPS, config.Burst = 500, 500
	asProtobuf := rest.CopyConfig(config)
	asProtobuf.ContentType = "application/vnd.kubernetes.protobuf"
	asProtobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	s := &suite{
		config:    config,
		namespace: os.Args[1],
		typed:     kubernetes.NewForConfigOrDie(config),
		protobuf:  kubernetes.NewForConfigOrDie(asProtobuf),
		dynamic:   dynamic.NewForConfigOrDie(config),
		metadata:  metadata.NewForConfigOrDie(config),
	}
	space := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace}}
	_, err = s.typed.CoreV1().Namespaces().Create(context.Background(), space, metav1.CreateOptions{})
	must(err)
	checks.Run([]checks.Check{
		{Name: "discovery finds every kind", Run: s.discovery},
		{Name: "a RESTMapper maps kinds", Run: s.mapper},
		{Name: "OpenAPI v3 documents can be read", Run: s.openAPI},
		{Name: "typed objects are created, read, updated, patched, deleted", Run: s.objects(s.typed)},
		{Name: "typed objects over protobuf are the same", Run: s.objects(s.protobuf)},
		{Name: "errors are those that callers look for", Run: s.errors},
		{Name: "a pager reads page by page", Run: s.pages},
		{Name: "label and field selectors select", Run: s.selectors},
		{Name: "server-side apply keeps managers apart", Run: s.apply},
		{Name: "what a manager applied can be extracted", Run: s.extract},
		{Name: "a shared informer follows", Run: s.informer(s.typed)},
		{Name: "a shared informer over protobuf follows", Run: s.informer(s.protobuf)},
		{Name: "a metadata informer follows", Run: s.metadataInformer},
		{Name: "a dynamic informer follows custom resources", Run: s.dynamicInformer},
		{Name: "a watch resumes where it was", Run: s.resume},
		{Name: "a watch from a lost version ends with Expired", Run: s.expired},
		{Name: "a watch with a selector tells of leaving it", Run: s.leaving},
		{Name: "a wait ends with its condition", Run: s.wait},
		{Name: "leaders follow each other", Run: s.leaders},
		{Name: "a scale client scales", Run: s.scale},
		{Name: "events are recorded", Run: s.events},
		{Name: "a token of a ServiceAccount logs in as it", Run: s.token},
		{Name: "a token that cannot be is refused", Run: s.wrongToken},
		{Name: "a review tells who and whether", Run: s.reviews},
		{Name: "a deletion of a collection leaves the others", Run: s.collection},
	})
	_ = s.typed.CoreV1().Namespaces().Delete(context.Background(), s.namespace, metav1.DeleteOptions{})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
