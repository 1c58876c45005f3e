package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"authseed/importer"
	"authseed/importer/approval"
	"authseed/importer/plan"
	"authseed/importer/private"
	"authseed/importer/report"
)

// approveCommand signs with what a reviewer has already.
func (a *app) approveCommand() *cobra.Command {
	var (
		key  string
		yes  bool
		look lookFlags
	)
	cmd := &cobra.Command{
		Use:   "approve PLAN",
		Short: "Sign a saved plan with an SSH key",
		Long: `Approve shows a saved plan, asks, and signs its file with an SSH key. The
signature lies beside the plan, for apply --approved-by. A tenant is not asked, and
ssh-keygen can do the same without authseed; authseed help approval says how.`,
		Example: "  authseed approve plan.json --key ~/.ssh/id_ed25519\n  authseed approve plan.json --key agent",
		Args:    exactly(1, "PLAN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if key == "" {
				return &usageError{errors.New("--key is missing"), "--key FILE, or --key agent for a key of ssh-agent"}
			}
			asks, err := a.asks(writeFlags{yes: yes}, "look at it with authseed show "+args[0]+", then add --yes")
			if err != nil {
				return err
			}
			return a.approve(cmd.Context(), args[0], key, asks, look)
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "the private key's file, or agent, or agent: and a key's fingerprint or comment")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "sign without asking")
	look.add(cmd.Flags())
	return cmd
}

func (a *app) approve(ctx context.Context, name, key string, asks bool, look lookFlags) error {
	text, p, err := a.signedPlan(name)
	if err != nil {
		return err
	}
	if now().After(p.ValidUntil) {
		return &importer.RefusedError{What: fmt.Sprintf("the plan was valid until %s", p.ValidUntil.Format(time.RFC3339)), Hint: "ask for a new one"}
	}
	k, err := a.signingKey(key)
	if err != nil {
		return err
	}
	if err := report.Text(a.Stderr, report.TextOptions{Clear: look.reveal, All: look.all}).Plan(p); err != nil {
		return err
	}
	fmt.Fprintf(a.Stderr, "\nKey      %s\n", k.Fingerprint())
	if p.Requester != "" {
		fmt.Fprintf(a.Stderr, "Made by  %q\n", p.Requester)
	} else {
		a.say("note: the plan does not say who made it, so apply --approved-by will refuse it; plan --requester NAME does")
	}
	if asks {
		err := a.whole(ctx, fmt.Sprintf("\nApprove this plan for %q? Only yes is taken as yes: ", p.Tenant.Name), "not approved")
		if err != nil {
			return err
		}
	}
	signature, err := k.Sign(text)
	if err != nil {
		return err
	}
	beside := k.SignatureName(name)
	if err := replaceFile(beside, func(w io.Writer) error { _, err := w.Write(signature); return err }); err != nil {
		return err
	}
	// A signature is no secret, and another account than the reviewer's may apply.
	if err := private.Share(beside); err != nil {
		return fmt.Errorf("saving %s: %w", beside, cause(err))
	}
	if a.output == "json" {
		return report.SignedJSON(a.Stdout, p, k.Fingerprint(), beside)
	}
	_, err = fmt.Fprintf(a.Stdout, "%s signed %s in %s\n", k.Fingerprint(), name, beside)
	return err
}

// signedPlan reads a plan's file once, as it lies there: the bytes that are signed
// are those of the plan that is shown or applied.
func (a *app) signedPlan(name string) ([]byte, *plan.Plan, error) {
	if info, err := os.Stat(name); name == stdin || err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return nil, nil, &usageError{errors.New("a plan that is piped in has no signatures beside it"), "save it to a file"}
	}
	file, err := openFile(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(&steady{File: file})
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	content, err := a.unseal(name, bytes.NewReader(text))
	if err != nil {
		return nil, nil, err
	}
	p, err := decodePlan(name, content)
	return text, p, err
}

// signingKey finds what --key names.
func (a *app) signingKey(name string) (*approval.Key, error) {
	choice, fromAgent := strings.CutPrefix(name+":", "agent:")
	if fromAgent {
		return a.agentKey(strings.TrimSuffix(choice, ":"))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fileError("key", err)
	}
	k, err := approval.ReadKey(text, func() ([]byte, error) { return a.passphrase(name) })
	return k, explainKey("reading "+name, err)
}

func (a *app) agentKey(choice string) (*approval.Key, error) {
	const hint = "start ssh-agent and ssh-add FILE, or give --key FILE; ssh-keygen -Y sign -n authseed does without authseed"
	socket := a.Getenv("SSH_AUTH_SOCK")
	if socket == "" {
		return nil, &hinted{errors.New("there is no ssh-agent: SSH_AUTH_SOCK is not set"), hint}
	}
	connection, err := net.Dial("unix", socket)
	if err != nil {
		return nil, &hinted{fmt.Errorf("reaching ssh-agent: %w", err), hint}
	}
	// It stays open until the process ends: the key signs through it.
	k, err := approval.AgentKey(connection, choice)
	return k, explainKey("ssh-agent", err)
}

func explainKey(where string, err error) error {
	var wrong *approval.KeyError
	if errors.As(err, &wrong) {
		return &hinted{fmt.Errorf("%s: %w", where, err), wrong.Hint}
	}
	return err
}

// passphrase asks for one on the terminal. There is no variable for it: it would
// be read by everything that this account starts.
func (a *app) passphrase(name string) ([]byte, error) {
	in, ok := a.Stdin.(*os.File)
	if !ok || a.noInput || !terminal(a.Stdin) || !terminal(a.Stderr) {
		return nil, &usageError{fmt.Errorf("%s has a passphrase, and nobody can be asked for it here", name), "ssh-add it to an agent and give --key agent"}
	}
	fmt.Fprintf(a.Stderr, "Passphrase of %s: ", name)
	text, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(a.Stderr)
	if err != nil {
		return nil, fmt.Errorf("reading the passphrase: %w", err)
	}
	return text, nil
}

// approvalFlags say whose approval a plan needs.
type approvalFlags struct {
	by   string
	need int
}

func (f *approvalFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.by, "approved-by", "", "want signatures of people in this allowed_signers file of OpenSSH; authseed help approval")
	flags.IntVar(&f.need, "approvals", 1, "with --approved-by: of how many people")
}

func (f *approvalFlags) check() error {
	if f.need < 1 {
		return &usageError{fmt.Errorf("--approvals %d approves everything", f.need), "--approvals 1 or more"}
	}
	if f.by == "" && f.need != 1 {
		return &usageError{errors.New("--approvals says how many, but not whose"), "add --approved-by allowed_signers"}
	}
	return nil
}

// verdict says what the signatures beside a plan are worth.
func (f *approvalFlags) verdict(name string, text []byte, p *plan.Plan) (*approval.Verdict, []approval.File, error) {
	list, err := os.ReadFile(f.by)
	if err != nil {
		return nil, nil, fileError("list of allowed signers", err)
	}
	allowed, err := approval.ParseAllowed(f.by, list, time.Local)
	if err != nil {
		return nil, nil, &hinted{err, "authseed help approval describes the file, ssh-keygen(1) too"}
	}
	files, err := approval.Find(name)
	if err != nil {
		return nil, nil, err
	}
	return approval.Verify(text, p.Requester, files, allowed, f.need, now()), files, nil
}

// demand refuses a plan that is not approved, and gives what approves it.
func (f *approvalFlags) demand(name string, text []byte, p *plan.Plan) ([]approval.File, error) {
	v, files, err := f.verdict(name, text, p)
	switch {
	case err != nil:
		return nil, err
	case v.Approved():
		var good []approval.File
		for i, s := range v.Signatures {
			if s.Result == approval.Valid {
				good = append(good, files[i])
			}
		}
		return good, nil
	case v.Requester == "":
		return nil, &importer.RefusedError{
			What: "the plan does not say who made it, so nobody can tell whether they approve it themselves",
			Hint: "plan again with --requester NAME, by the name in the list of allowed signers",
		}
	}
	lines := []string{fmt.Sprintf("the plan needs %d approvals and has %d", v.Need, v.Valid())}
	if v.Need == 1 {
		lines[0] = "the plan is not approved"
	}
	for _, s := range v.Signatures {
		if s.Result != approval.Valid {
			lines = append(lines, fmt.Sprintf("%q does not count, %s: %s (%s)", s.File, s.Result, s.Detail, s.Who()))
		}
	}
	return nil, &importer.RefusedError{
		What: strings.Join(lines, "\n"),
		Hint: fmt.Sprintf("authseed approve %s --key FILE, or ssh-keygen -Y sign -n %s -f FILE %s; authseed help approval", name, approval.Namespace, name),
	}
}

func (a *app) verifyApprovalCommand() *cobra.Command {
	var flags approvalFlags
	cmd := &cobra.Command{
		Use:   "verify-approval PLAN",
		Short: "Say who signed a saved plan, and whether that is enough",
		Long: `Verify-approval looks at every signature beside a saved plan and says whose it is
and whether it counts, as apply --approved-by does. It exits with 4 when there are
not enough. A tenant is not asked.`,
		Example: "  authseed verify-approval plan.json --approved-by allowed_signers --approvals 2",
		Args:    exactly(1, "PLAN"),
		RunE: func(_ *cobra.Command, args []string) error {
			if flags.by == "" {
				return &usageError{errors.New("--approved-by is missing"), "--approved-by allowed_signers"}
			}
			if err := flags.check(); err != nil {
				return err
			}
			text, p, err := a.signedPlan(args[0])
			if err != nil {
				return err
			}
			v, _, err := flags.verdict(args[0], text, p)
			if err != nil {
				return err
			}
			show := report.Approval
			if a.output == "json" {
				show = report.ApprovalJSON
			}
			if err := show(a.Stdout, p, v); err != nil {
				return err
			}
			if !v.Approved() {
				return outcome{exitRefused}
			}
			return nil
		},
	}
	flags.add(cmd.Flags())
	return cmd
}

// requesterFlag is who makes a plan.
func requesterFlag(flags *pflag.FlagSet, requester *string) {
	flags.StringVar(requester, "requester", "", "who makes this plan, by the name in allowed_signers: it is part of the plan, and that person cannot approve it")
}

// checkRequester refuses a name that nobody could be told by.
func checkRequester(name string) error {
	if name == "" {
		return nil
	}
	if err := approval.CheckName(name); err != nil {
		return &usageError{fmt.Errorf("--requester: %w", err), "give the name as it is in allowed_signers, such as alice@example.com"}
	}
	return nil
}

// approvedPlan reads a saved plan and refuses one that is not approved, before
// anything is asked of a tenant.
func (a *app) approvedPlan(writes *writeFlags, name string) (*plan.Plan, error) {
	text, p, err := a.signedPlan(name)
	if err != nil {
		return nil, err
	}
	files, err := writes.approval.demand(name, text, p)
	writes.approved = besidePlan(name, files)
	return p, err
}

// besidePlan names signatures as they lie beside the plan that a run keeps.
func besidePlan(name string, files []approval.File) map[string][]byte {
	beside := make(map[string][]byte, len(files))
	for _, f := range files {
		beside[strings.TrimPrefix(f.Name, filepath.Base(name))] = f.Text
	}
	return beside
}
