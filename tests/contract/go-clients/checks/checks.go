// Package checks runs the checks of a program and tells of each in one line of JSON.
package checks

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// Check is one thing that a client expects of a server.
type Check struct {
	Name string
	Run  func(ctx context.Context) error
}

type line struct {
	Check string `json:"check"`
	Error string `json:"error,omitempty"`
}

// Run runs all checks in order, each with a deadline of its own.
func Run(all []Check) {
	out := json.NewEncoder(os.Stdout)
	for _, check := range all {
		said := line{Check: check.Name}
		if err := runOne(check); err != nil {
			said.Error = err.Error()
		}
		_ = out.Encode(said)
	}
}

func runOne(check Check) (err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("panic: %v", caught)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return check.Run(ctx)
}

// Until asks again and again until the answer is yes.
func Until(ctx context.Context, what string, ask func() (bool, error)) error {
	for {
		yes, err := ask()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s: did not happen", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Must turns a wrong expectation into an error.
func Must(right bool, format string, args ...any) error {
	if right {
		return nil
	}
	return fmt.Errorf(format, args...)
}
