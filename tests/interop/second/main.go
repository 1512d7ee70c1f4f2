// main.go - second: a verifier written from docs/formats.md alone, sharing no source and no library with the program it checks.
//
//	second bundle FILE [--policy FILE] [--node-key KEY|FILE] [--pack FILE|DIR ...]
//	second log FILE --policy FILE [--old FILE]     a checkpoint, a tlog-proof or a proof of growth
//	second tiles DIR --policy FILE                 every tile of a ledger against its checkpoint
//	second export FILE --tiles DIR --policy FILE   an exported state against the log
//	second receipt FILE --node-key KEY|FILE        what a node promised at intake
//	second vectors DIR                             the frozen vectors
//	second compare VERIFIER DIR --policy FILE      bundles of DIR and changed copies, by VERIFIER and by this program
//
// --cddl FILE names formats.cddl, docs/formats.cddl if it is not given. Exit 0 same, 1 differs, 2 could not check, 64 wrong usage.

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func usage(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "second: "+format+"\n", args...)
	os.Exit(64)
}

func cannot(err error) {
	fmt.Printf("could not check: %v\n", err)
	os.Exit(2)
}

func must[T any](v T, err error) T {
	if err != nil {
		cannot(err)
	}
	return v
}

type options struct {
	files []string
	flags map[string][]string
}

func parseArgs(args []string) (o options) {
	o.flags = map[string][]string{}
	for i := 0; i < len(args); i++ {
		name, ok := strings.CutPrefix(args[i], "--")
		if !ok {
			o.files = append(o.files, args[i])
			continue
		}
		if !strings.Contains(" policy node-key pack cddl old tiles flips ", " "+name+" ") || i+1 == len(args) {
			usage("what is %s?", args[i])
		}
		i++
		o.flags[name] = append(o.flags[name], args[i])
	}
	return o
}

func (o options) one(name string) string {
	if all := o.flags[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

func (o options) policy() *policy {
	path := o.one("policy")
	if path == "" {
		return nil
	}
	p := must(parsePolicy(must(os.ReadFile(path))))
	return &p
}

// trust gathers whom to believe, and contents that a bundle may lack: files, the files of a directory, other bundles.
func (o options) trust(s schema) (t trust) {
	t.policy = o.policy()
	if k := o.one("node-key"); k != "" {
		if text, err := os.ReadFile(k); err == nil {
			k = strings.TrimSpace(string(text))
		}
		key := must(parseVkey(k))
		t.nodeKey = &key
	}
	t.pack = map[digest][]byte{}
	for _, path := range o.flags["pack"] {
		files := []string{path}
		if info := must(os.Stat(path)); info.IsDir() {
			files = must(filepath.Glob(filepath.Join(path, "*")))
		}
		for _, file := range files {
			data := must(os.ReadFile(file))
			t.pack[sum(data)] = data
			if r, err := s.read("bundle", data); err == nil {
				for _, c := range r.list(s, "contents", "bundle-content") {
					t.pack[sum(c.bytes("bytes"))] = c.bytes("bytes")
				}
			}
		}
	}
	return t
}

func main() {
	if len(os.Args) < 3 {
		usage("bundle FILE, log FILE, tiles DIR, export FILE, vectors DIR, or compare VERIFIER DIR")
	}
	o := parseArgs(os.Args[2:])
	cddl := o.one("cddl")
	if cddl == "" {
		cddl = "docs/formats.cddl"
	}
	s := must(readSchema(cddl))
	wanted := map[string]int{"compare": 2}[os.Args[1]]
	if wanted == 0 {
		wanted = 1
	}
	if len(o.files) != wanted {
		usage("%s wants %d arguments", os.Args[1], wanted)
	}
	switch os.Args[1] {
	case "bundle":
		printReport(verifyBundle(s, must(os.ReadFile(o.files[0])), o.trust(s)))
	case "log":
		logCommand(o)
	case "tiles":
		tilesCommand(o)
	case "export":
		exportCommand(s, o)
	case "receipt":
		receiptCommand(s, o)
	case "vectors":
		vectorsCommand(s, o.files[0])
	case "compare":
		compareCommand(s, o)
	default:
		usage("no command %s", os.Args[1])
	}
}

func printReport(r *report) {
	for _, c := range r.checks {
		fmt.Printf("%-16s %-14s %s\n", c.status, c.name, c.detail)
	}
	verdict, why := r.verdict()
	if why != "" {
		why = ": " + why
	}
	fmt.Println(verdict + why)
	os.Exit(map[string]int{"same": 0, "differs": 1, "could not check": 2}[verdict])
}

// logCommand checks a checkpoint, a proof of an entry that carries it, or a proof of growth from --old.
func logCommand(o options) {
	p := o.policy()
	if p == nil {
		usage("log wants --policy")
	}
	data := must(os.ReadFile(o.files[0]))
	var c checkpoint
	says := ""
	switch {
	case strings.HasPrefix(string(data), "c2sp.org/tlog-proof@v1\n"):
		proof := must(parseLogProof(data))
		if !proof.hasExtra || !proof.holds(proof.extra) {
			cannot(refuse("TLOG-PROOF", "the proof carries no entry, or does not hold for it"))
		}
		c, says = proof.c, fmt.Sprintf("entry %d is in the log", proof.index)
	case strings.HasPrefix(string(data), "old "):
		g := must(parseGrowth(data))
		if o.one("old") == "" {
			usage("a proof of growth wants --old")
		}
		old := must(parseCheckpoint(must(os.ReadFile(o.one("old")))))
		must(p.believes(old))
		if old.origin != g.c.origin || old.size != g.old || !consistency(g.old, g.c.size, old.root, g.c.root, g.path) {
			cannot(refuse("TLOG-PROOF", "it does not show that the log only grew"))
		}
		c, says = g.c, fmt.Sprintf("it grew from %d entries", g.old)
	default:
		c, says = must(parseCheckpoint(data)), "a checkpoint"
	}
	must(p.believes(c))
	fmt.Printf("same: %s, %d entries: %s\n", c.origin, c.size, says)
}
