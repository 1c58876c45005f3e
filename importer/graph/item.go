package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"authseed/mapping/authmethod"
)

// shape is the text of one kind of item, cut where an item's own words go in:
// its number, the person, the client-request-id and, in some, the value. The
// SDK builds one item of each kind, with marks for words; the others are that
// text with their words instead, which is much cheaper than to build them.
type shape []string

var marks = [...]string{"mark-number", "mark-person", "mark-id", "mark-value"}

// usualItem is more bytes than most items take.
const usualItem = 400

// appendItem writes one request of a batch. What would be refused by every
// tenant, or harm one, is an error. The SDK builds what may need escaping.
func (c *Client) appendItem(ctx context.Context, to []byte, number string, request Request) ([]byte, error) {
	if err := c.check(request); err != nil {
		return nil, err
	}
	words := [len(marks)]string{number, request.User, request.ID, request.Value.Reveal()}
	if request.Op != Find && isPlain(words[:]...) {
		s, err := c.shape(ctx, request.Op, request.Kind)
		if err != nil {
			return nil, err
		}
		for i, piece := range s[:len(s)-1] {
			to = append(append(to, piece...), words[i]...)
		}
		return append(to, s[len(s)-1]...), nil
	}
	built, err := c.call(ctx, number, request)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(built)
	return append(to, text...), err
}

// isPlain reports that the words are the same in a URL's path and in JSON as
// they are, but for the plus and the at sign and the space of values, which go
// into JSON alone.
func isPlain(words ...string) bool {
	for i, word := range words {
		for _, b := range []byte(word) {
			switch {
			case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '.', b == '_':
			case i == len(marks)-1 && (b == '+' || b == '@' || b == ' '):
			default:
				return false
			}
		}
	}
	return true
}

// shape gives the shape of the items of an operation and kind, from the SDK
// where it is the first.
func (c *Client) shape(ctx context.Context, op Op, kind authmethod.Kind) (shape, error) {
	if !op.IsWrite() {
		kind = 0 // a read has none
	}
	kept := &c.shapes[op][kind]
	if s := kept.Load(); s != nil {
		return *s, nil
	}
	built, err := c.call(ctx, marks[0], Request{ID: marks[2], Op: op, User: marks[1], Kind: kind, Value: authmethod.ValueOf(marks[3])})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(built)
	if err != nil {
		return nil, err
	}
	rest := string(text)
	var s shape
	for _, mark := range marks {
		before, after, found := strings.Cut(rest, mark)
		if !found && mark == marks[3] {
			break // what is read or deleted has no value
		}
		if !found || strings.Contains(after, mark) {
			return nil, fmt.Errorf("the SDK builds an item of an unknown form, without one %s", mark)
		}
		s, rest = append(s, before), after
	}
	s = append(s, rest)
	kept.Store(&s)
	return s, nil
}

// call has the SDK build one request of a batch.
func (c *Client) call(ctx context.Context, number string, request Request) (call, error) {
	info, err := c.information(ctx, request)
	if err != nil {
		return call{}, err
	}
	address, err := info.GetUri()
	if err != nil {
		return call{}, err
	}
	built := call{
		ID:      number,
		Method:  info.Method.String(),
		URL:     address.String(),
		Headers: callHeaders{ClientRequestID: request.ID},
		Body:    info.Content,
	}
	if len(info.Content) > 0 {
		built.Headers.ContentType = jsonType
	}
	if isAdvanced(request.Keys) {
		built.Headers.ConsistencyLevel = eventual
	}
	return built, nil
}

// check refuses what would be refused by every tenant, or harm one.
func (c *Client) check(request Request) error {
	switch request.Op {
	case Find:
		if len(request.Keys) == 0 || len(request.Keys) > MaxFindKeys {
			return fmt.Errorf("%d keys to find, of 1 to %d", len(request.Keys), MaxFindKeys)
		}
		return nil
	case ReadMethods, ReadPhones, ReadEmails, Delete:
	case Create, Update:
		if request.Value.IsZero() || request.Value.Masked() {
			return errors.New("no value to write, or a masked one")
		}
	default:
		return fmt.Errorf("unknown operation %d", request.Op)
	}
	if request.User == "" {
		return errors.New("no person named")
	}
	if !request.Op.IsWrite() {
		return nil
	}
	if request.Kind >= authmethod.Count {
		return fmt.Errorf("unknown method %s", request.Kind)
	}
	if !c.cloud.Supports(request.Kind) {
		return fmt.Errorf("the cloud %s has no %s", c.cloud, request.Kind)
	}
	return nil
}

// information has the SDK build one request that was checked.
func (c *Client) information(ctx context.Context, request Request) (*abstractions.RequestInformation, error) {
	if request.Op == Find {
		return c.findRequest(ctx, request.Keys, request.Want)
	}
	person := c.usersBuilder().ByUserId(request.User).Authentication()
	switch request.Op {
	case ReadMethods:
		return person.Methods().ToGetRequestInformation(ctx, nil)
	case ReadPhones:
		return person.PhoneMethods().ToGetRequestInformation(ctx, nil)
	case ReadEmails:
		return person.EmailMethods().ToGetRequestInformation(ctx, nil)
	}
	if request.Kind == authmethod.Email {
		return emailWrite(ctx, person.EmailMethods(), request)
	}
	return phoneWrite(ctx, person.PhoneMethods(), request)
}

// The ids of the methods are the same in every tenant (learn.microsoft.com,
// phoneAuthenticationMethod and emailAuthenticationMethod resource types).
const (
	idMobile          = "3179e48a-750b-4051-897c-87b9720928f7"
	idAlternateMobile = "b6332ec1-7057-4abe-9331-3d72feddfe41"
	idOffice          = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
	idEmail           = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
)

func phoneWrite(ctx context.Context, phones *users.ItemAuthenticationPhoneMethodsRequestBuilder, request Request) (*abstractions.RequestInformation, error) {
	var id string
	var kind models.AuthenticationPhoneType
	switch request.Kind {
	case authmethod.Mobile:
		id, kind = idMobile, models.MOBILE_AUTHENTICATIONPHONETYPE
	case authmethod.AlternateMobile:
		id, kind = idAlternateMobile, models.ALTERNATEMOBILE_AUTHENTICATIONPHONETYPE
	case authmethod.Office:
		id, kind = idOffice, models.OFFICE_AUTHENTICATIONPHONETYPE
	default:
		return nil, fmt.Errorf("unknown method %s", request.Kind)
	}
	if request.Op == Delete {
		return phones.ByPhoneAuthenticationMethodId(id).ToDeleteRequestInformation(ctx, nil)
	}
	// The type goes into an update as well: Graph recalculates what is left out.
	number := request.Value.Reveal()
	phone := models.NewPhoneAuthenticationMethod()
	phone.SetOdataType(nil)
	phone.SetPhoneNumber(&number)
	phone.SetPhoneType(&kind)
	if request.Op == Update {
		return phones.ByPhoneAuthenticationMethodId(id).ToPatchRequestInformation(ctx, phone, nil)
	}
	return phones.ToPostRequestInformation(ctx, phone, nil)
}

func emailWrite(ctx context.Context, emails *users.ItemAuthenticationEmailMethodsRequestBuilder, request Request) (*abstractions.RequestInformation, error) {
	if request.Op == Delete {
		return emails.ByEmailAuthenticationMethodId(idEmail).ToDeleteRequestInformation(ctx, nil)
	}
	address := request.Value.Reveal()
	email := models.NewEmailAuthenticationMethod()
	email.SetOdataType(nil)
	email.SetEmailAddress(&address)
	if request.Op == Update {
		return emails.ByEmailAuthenticationMethodId(idEmail).ToPatchRequestInformation(ctx, email, nil)
	}
	return emails.ToPostRequestInformation(ctx, email, nil)
}
