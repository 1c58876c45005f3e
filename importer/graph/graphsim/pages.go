package graphsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strings"
)

// pageKeys are the parameters a next link repeats, and a page token holds for.
var pageKeys = []string{"$count", "$filter", "$select", "$top"}

// nextPage gives the absolute URL of the page that starts at the position, on
// the host the request came to.
func (s *Server) nextPage(rq *request, params map[string]string, from int) string {
	var link strings.Builder
	link.WriteString(rq.base + "/v1.0/users?")
	for _, key := range pageKeys {
		if value, given := params[key]; given {
			link.WriteString(key + "=" + url.QueryEscape(value) + "&")
		}
	}
	token := binary.BigEndian.AppendUint32(nil, uint32(from))
	token = append(token, s.pageSignature(params, token)...)
	link.WriteString("$skiptoken=" + base64.RawURLEncoding.EncodeToString(token))
	return link.String()
}

// parsePage gives the position a token stands for. A token is refused when it
// was not made by this server for this very query; the code is unverified.
func (s *Server) parsePage(text string, params map[string]string, total int) (int, *reply) {
	token, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && len(token) > 4 && hmac.Equal(token[4:], s.pageSignature(params, token[:4])) {
		if from := int(binary.BigEndian.Uint32(token)); from < total {
			return from, nil
		}
	}
	rep := refuse(directories, http.StatusBadRequest, "Directory_ExpiredPageToken",
		"The specified page token value has expired and can no longer be included in your request.")
	return 0, &rep
}

func (s *Server) pageSignature(params map[string]string, position []byte) []byte {
	mac := hmac.New(sha256.New, s.pageKey[:])
	mac.Write(position)
	for _, key := range pageKeys {
		value, given := params[key]
		if given {
			mac.Write([]byte{1})
		}
		mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
		mac.Write([]byte(value))
	}
	return mac.Sum(nil)[:16]
}
