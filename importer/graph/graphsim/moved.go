package graphsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// moveLife is how long the service knows what has happened since a delta link
// (learn.microsoft.com, "Use delta query to track changes in Microsoft Graph
// data", token duration of directory objects).
const moveLife = 7 * 24 * time.Hour

// movePage is how many people a page of a delta holds at most. How many Graph
// gives is unverified.
const movePage = 200

// Alter changes what the directory says of a person, named by object id or
// userPrincipalName, as another administrator would: all but the object id, and
// not what is registered. Like whoever joins they are in no group of the tenant's
// file. It fails, and changes nothing, when there cannot be such a person.
func (s *Server) Alter(user string, edit func(*User)) error {
	d := s.people
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.named(user)
	if was == nil {
		return errors.New("altering: there is no such person")
	}
	was.mu.Lock()
	defer was.mu.Unlock()
	u := *was.user.open()
	edit(&u)
	if err := u.check(); err != nil {
		return fmt.Errorf("altering: %w", err)
	}
	if u.ID != was.user.id() {
		return errors.New("altering: an object id is for ever")
	}
	if other := d.named(u.UserPrincipalName); other != nil && other != was {
		return errors.New("altering: there is somebody of that userPrincipalName")
	}
	was.gone.Store(true)
	d.left.Add(1)
	p := s.enter(&u)
	p.state, p.before = was.state, was.before
	return nil
}

// listMoves answers GET /users/delta. A walk through everybody, which is what
// Graph begins with unless it is told $deltatoken=latest, is not simulated.
func listMoves(s *Server, rq *request) reply {
	params, refused := queryOf(rq, "$select", "$deltatoken", "$skiptoken")
	if refused != nil {
		return *refused
	}
	cols, refused := columns(userProperties, defaultUserProperties, params["$select"], s.sight())
	if refused != nil {
		return *refused
	}
	all, moves := s.people.moved()
	from := len(moves)
	token, turned := params["$skiptoken"]
	since, given := params["$deltatoken"]
	switch {
	case turned == given:
		return badRequest(directories, "This simulator serves users/delta with $deltatoken=latest and the links it gives.")
	case turned:
		since = token
		fallthrough
	case since != "latest":
		if from, refused = s.parseMove(since, params["$select"], len(moves)); refused != nil {
			return *refused
		}
	}
	size := movePage
	if limit := s.options.PageLimit; limit > 0 && limit < size {
		size = limit
	}
	end := min(from+size, len(moves))
	body := appendDirectoryContext(nil, rq, "users", params["$select"], "")
	link, key := `"@odata.deltaLink":`, "$deltatoken"
	if end < len(moves) {
		link, key = `"@odata.nextLink":`, "$skiptoken"
	}
	to := rq.base + "/v1.0/users/delta?$select=" + url.QueryEscape(params["$select"]) + "&" + key + "=" + s.moveToken(end, params["$select"])
	body = append(appendString(append(body, link...), to), `,"value":[`...)
	told := map[string]bool{}
	for i := end - 1; i >= from; i-- { // the last that is known of each
		p := all[moves[i]]
		if id := fold(p.user.id()); !told[id] {
			if len(told) > 0 {
				body = append(body, ',')
			}
			told[id] = true
			body = append(body, '{')
			if p.gone.Load() {
				body = appendString(append(body, `"@removed":{"reason":"changed"},"id":`...), p.user.id())
			} else {
				body = appendMembers(body, cols, p.user.open())
			}
			body = append(body, '}')
		}
	}
	return reply{status: http.StatusOK, body: append(body, "]}"...)}
}

// moved is everybody there ever was, and the positions of those who joined or
// left, in the order they did.
func (d *directory) moved() ([]*person, []int32) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.all(), d.moves
}

// moveToken stands for all that happened before this place of the moves.
func (s *Server) moveToken(at int, selected string) string {
	token := binary.BigEndian.AppendUint32(nil, uint32(at))
	token = binary.BigEndian.AppendUint64(token, uint64(s.options.Now().Unix()))
	return base64.RawURLEncoding.EncodeToString(append(token, s.moveSignature(token, selected)...))
}

func (s *Server) parseMove(text, selected string, most int) (int, *reply) {
	const head = 4 + 8
	token, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(token) < head || !hmac.Equal(token[head:], s.moveSignature(token[:head], selected)) {
		rep := badRequest(directories, "The delta token is not valid.")
		return 0, &rep
	}
	at, made := int(binary.BigEndian.Uint32(token)), time.Unix(int64(binary.BigEndian.Uint64(token[4:])), 0)
	if at > most || s.options.Now().Sub(made) > moveLife {
		rep := refuse(directories, http.StatusGone, "syncStateNotFound", "The sync state generation is not found; a full synchronization is required.")
		return 0, &rep
	}
	return at, nil
}

func (s *Server) moveSignature(token []byte, selected string) []byte {
	mac := hmac.New(sha256.New, s.pageKey[:])
	mac.Write([]byte("users/delta\x00" + selected + "\x00"))
	mac.Write(token)
	return mac.Sum(nil)[:16]
}
