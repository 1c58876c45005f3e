package cli

import (
	"fmt"
	"os"
	"strings"

	"authseed/importer/schedule"
)

// readSecrets makes the job's environment: what Azure's variables are for this
// tenant.
func (j *syncJob) readSecrets() error {
	j.secrets = map[string]string{"AZURE_TENANT_ID": j.Tenant.ID}
	if j.Tenant.ClientID != "" {
		j.secrets["AZURE_CLIENT_ID"] = j.Tenant.ClientID
	}
	if j.Tenant.Certificate != "" {
		j.secrets["AZURE_CLIENT_CERTIFICATE_PATH"] = j.Tenant.Certificate
	}
	for _, of := range []struct {
		name, key string
		*schedule.Reference
	}{
		{"AZURE_CLIENT_SECRET", "tenant.client_secret", j.Tenant.ClientSecret},
		{"AZURE_CLIENT_CERTIFICATE_PASSWORD", "tenant.certificate_password", j.Tenant.CertificatePassword},
		{"AUTHSEED_ACCESS_TOKEN", "tenant.access_token", j.Tenant.AccessToken},
	} {
		if of.Reference == nil {
			continue
		}
		value, err := j.secret(of.key, of.Reference)
		if err != nil {
			return err
		}
		j.secrets[of.name] = value
	}
	return nil
}

// secret is what the reference of a key leads to, empty where there is none.
func (j *syncJob) secret(key string, r *schedule.Reference) (string, error) {
	switch {
	case r == nil:
		return "", nil
	case r.Env != "":
		if value := j.Getenv(r.Env); value != "" {
			return value, nil
		}
		return "", j.placed(key, &hinted{fmt.Errorf("the environment variable %s, which the configuration names, is not set", r.Env), "set it where the job is started"})
	}
	text, err := os.ReadFile(r.File)
	if err != nil {
		return "", j.placed(key, fileError("file of a secret", err))
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}
