package main

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
	. "ork.local/tests/go-clients/checks"
)

func (s *suite) apply(ctx context.Context) error {
	maps := s.typed.CoreV1().ConfigMaps(s.namespace)
	as := func(manager string, force bool) metav1.ApplyOptions {
		return metav1.ApplyOptions{FieldManager: manager, Force: force}
	}
	with := func(data map[string]string) *coreapply.ConfigMapApplyConfiguration {
		return coreapply.ConfigMap("applied", s.namespace).WithData(data)
	}
	first, err := maps.Apply(ctx, with(map[string]string{"a": "1", "b": "1"}), as("one", false))
	if err != nil {
		return err
	}
	again, err := maps.Apply(ctx, with(map[string]string{"a": "1", "b": "1"}), as("one", false))
	if err != nil || again.ResourceVersion != first.ResourceVersion {
		return fmt.Errorf("the same apply wrote: %w", err)
	}
	if _, err := maps.Apply(ctx, with(map[string]string{"a": "2"}), as("two", false)); !apierrors.IsConflict(err) ||
		!apierrors.HasStatusCause(err, metav1.CauseTypeFieldManagerConflict) {
		return fmt.Errorf("no conflict of managers: %w", err)
	}
	if _, err := maps.Apply(ctx, with(map[string]string{"a": "2", "c": "2"}), as("two", true)); err != nil {
		return err
	}
	last, err := maps.Apply(ctx, with(map[string]string{}), as("one", false))
	if err != nil {
		return err
	}
	return Must(len(last.Data) == 2 && last.Data["a"] == "2" && last.Data["c"] == "2", "data is %v", last.Data)
}

func (s *suite) extract(ctx context.Context) error {
	all := s.protobuf.AppsV1().Deployments(s.namespace)
	labels := map[string]string{"app": "extract"}
	container := coreapply.Container().WithName("web").WithImage("nginx")
	pod := coreapply.PodTemplateSpec().WithLabels(labels).WithSpec(coreapply.PodSpec().WithContainers(container))
	spec := appsapply.DeploymentSpec().WithReplicas(0).WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).WithTemplate(pod)
	options := metav1.ApplyOptions{FieldManager: "extractor"}
	made, err := all.Apply(ctx, appsapply.Deployment("extract", s.namespace).WithSpec(spec), options)
	if err != nil {
		return err
	}
	extracted, err := appsapply.ExtractDeployment(made, "extractor")
	if err != nil {
		return err
	}
	found := extracted.Spec.Template.Spec.Containers[0]
	if *found.Image != "nginx" || found.TerminationMessagePath != nil || extracted.Spec.RevisionHistoryLimit != nil {
		return fmt.Errorf("extracted %+v", extracted)
	}
	found.WithImage("nginx:2")
	extracted.Spec.Template.Spec.Containers[0] = found
	changed, err := all.Apply(ctx, extracted, options)
	if err != nil {
		return err
	}
	status := appsapply.Deployment("extract", s.namespace).WithStatus(appsapply.DeploymentStatus().WithCollisionCount(3))
	if _, err := all.ApplyStatus(ctx, status, metav1.ApplyOptions{FieldManager: "status"}); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	return Must(changed.Spec.Template.Spec.Containers[0].Image == "nginx:2", "the image is %s", changed.Spec.Template.Spec.Containers[0].Image)
}
