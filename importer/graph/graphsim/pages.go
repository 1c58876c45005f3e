package graphsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// pageKeys are the parameters a next link repeats, and a page token holds for.
var pageKeys = []string{"$count", "$expand", "$filter", "$select", "$top"}

// list is a collection that is answered a page at a time. Positions in it never
// change their meaning, so that who pages loses nobody; what is no longer there
// is left out.
type list struct {
	context string // of @odata.context
	total   int
	there   func(int) bool // whether the position counts; nil is always
	append  func([]byte, int) []byte
	count   func() int      // for @odata.count on the first page; nil is without
	of      func(int) *User // of a list of users, who is at the position
	turned  func()          // called after a page that is not the last; nil is nothing
	width   int             // bytes of one, about
}

// number counts what is there.
func (l *list) number() (n int) {
	for i := range l.total {
		if l.there == nil || l.there(i) {
			n++
		}
	}
	return n
}

// list answers one page.
func (s *Server) list(rq *request, params map[string]string, l list) reply {
	size, refused := s.pageSize(params)
	if refused != nil {
		return *refused.of(rq.service())
	}
	from := 0
	token, given := params["$skiptoken"]
	if given {
		if from, refused = s.parsePage(rq, token, params, l.total); refused != nil {
			return *refused
		}
	}
	picked, next := make([]int, 0, min(size, l.total-from)), -1
	for i := from; i < l.total; i++ {
		if l.there != nil && !l.there(i) {
			continue
		}
		if len(picked) == size {
			next = i
			break
		}
		picked = append(picked, i)
	}
	body := appendDirectoryContext(make([]byte, 0, 256+len(picked)*l.width), rq, l.context, params["$select"], "")
	if l.count != nil && !given {
		body = append(strconv.AppendInt(append(body, `"@odata.count":`...), int64(l.count()), 10), ',')
	}
	if next >= 0 {
		body = append(body, `"@odata.nextLink":`...)
		body = append(appendString(body, s.nextPage(rq, params, next)), ',')
	}
	body = append(body, `"value":[`...)
	for i, position := range picked {
		if i > 0 {
			body = append(body, ',')
		}
		body = l.append(body, position)
	}
	if next >= 0 && l.turned != nil {
		l.turned()
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

// nextPage gives the absolute URL of the page that starts at the position, on
// the host the request came to.
func (s *Server) nextPage(rq *request, params map[string]string, from int) string {
	var link strings.Builder
	link.WriteString(rq.base + "/v1.0" + rq.path() + "?")
	for _, key := range pageKeys {
		if value, given := params[key]; given {
			link.WriteString(key + "=" + url.QueryEscape(value) + "&")
		}
	}
	token := binary.BigEndian.AppendUint32(nil, uint32(from))
	token = append(token, s.pageSignature(rq, params, token)...)
	link.WriteString("$skiptoken=" + base64.RawURLEncoding.EncodeToString(token))
	return link.String()
}

// parsePage gives the position a token stands for. A token is refused when it
// was not made by this server for this very query; the code is unverified.
func (s *Server) parsePage(rq *request, text string, params map[string]string, total int) (int, *reply) {
	token, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil && len(token) > 4 && hmac.Equal(token[4:], s.pageSignature(rq, params, token[:4])) {
		if from := int(binary.BigEndian.Uint32(token)); from < total {
			return from, nil
		}
	}
	rep := refuse(directories, http.StatusBadRequest, "Directory_ExpiredPageToken",
		"The specified page token value has expired and can no longer be included in your request.")
	return 0, &rep
}

func (s *Server) pageSignature(rq *request, params map[string]string, position []byte) []byte {
	mac := hmac.New(sha256.New, s.pageKey[:])
	mac.Write([]byte(rq.path()))
	mac.Write([]byte{0})
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
