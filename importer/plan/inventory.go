package plan

import "authseed/mapping/authmethod"

// Inventory is what people have registered at one moment.
type Inventory struct {
	Tenant Tenant
	Scope  Scope
	Asked  int       // people in scope
	Known  Knowledge // of how many it was read what they have; the report called the others' nothing
	People []Holding // those who have something, or are not shown, in the order of their names
}

// Holding is what one person has registered.
type Holding struct {
	User   Person
	Have   authmethod.Set
	Unread string // why nobody knows what it is; empty where it is known
}

// Unread counts the people whose methods could not be read.
func (in *Inventory) Unread() int {
	n := 0
	for _, h := range in.People {
		if h.Unread != "" {
			n++
		}
	}
	return n
}
