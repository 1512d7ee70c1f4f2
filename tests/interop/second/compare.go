// compare.go - the same bundles, and changed copies of them, before two verifiers that share nothing: what either finds, the other must.

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// finding is what the other program says of a bundle.
type finding struct {
	verdict, step, text string
}

func otherVerdict(program, file, policy string) (f finding, err error) {
	out, err := exec.Command(program, file, "--policy", policy, "--json").Output()
	var said struct {
		Verdict string
		Checks  []struct{ Check, Verdict, Code, Text string }
	}
	if e := json.Unmarshal(out, &said); e != nil {
		return f, fmt.Errorf("%s: %v %v: %s", program, err, e, out)
	}
	f.verdict = said.Verdict
	for _, c := range said.Checks {
		if c.Verdict != "holds" {
			f.step, f.text = c.Check, c.Code+" "+c.Text
			break
		}
	}
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	} else if err != nil {
		return f, err
	}
	if want := map[string]int{"same": 0, "differs": 1, "could not check": 2}[f.verdict]; want != code {
		return f, fmt.Errorf("%s: exit %d for %q", program, code, f.verdict)
	}
	return f, nil
}

// change is one changed copy.
type change struct {
	what string
	data []byte
}

// flips changes one bit each at places spread over the whole file.
func flips(data []byte, count int, r *rand.Rand) (all []change) {
	for i := 0; i < count; i++ {
		at := (i*len(data) + r.Intn(len(data))) / count
		bent := bytes.Clone(data)
		bent[at] ^= 1 << r.Intn(8)
		all = append(all, change{fmt.Sprintf("byte %d", at), bent})
	}
	return all
}

// place is a node of the tree, and how to write the whole file with another encoding in its place.
type place struct {
	name string
	v    value
	with func(raw []byte) []byte // nil raw: without it (an item of a list, a field of a map)
}

// places lists every node below v; contents are left out but for their first level, since they are most of the file.
func places(name string, v value, with func([]byte) []byte) (all []place) {
	all = append(all, place{name, v, with})
	step := 1
	if v.kind == kMap {
		step = 2
	} else if v.kind != kArray {
		return all
	}
	for i := 0; i < len(v.items); i += step {
		i := i // the closure below keeps it
		sub := fmt.Sprintf("%s.%d", name, i)
		if step == 2 {
			sub = fmt.Sprintf("%s.%d", name, v.items[i].n)
		}
		inner := func(raw []byte) []byte {
			var parts []byte
			n := 0
			for k := 0; k < len(v.items); k += step {
				if k != i {
					parts = append(parts, bytes.Join([][]byte{v.items[k].raw, tail(v, k, step)}, nil)...)
					n++
					continue
				}
				if raw != nil {
					if step == 2 {
						parts = append(parts, v.items[k].raw...)
					}
					parts = append(parts, raw...)
					n++
				}
			}
			return with(append(encHead(byte(3+step), uint64(n)), parts...))
		}
		all = append(all, places(sub, v.items[i+step-1], inner)...)
	}
	return all
}

func tail(v value, k, step int) []byte {
	if step == 1 {
		return nil
	}
	return v.items[k+1].raw
}

// edits changes one field each, and writes the bundle again in its strict form: beyond the codec, into the rules.
func edits(data []byte, count int, r *rand.Rand) (all []change) {
	v, err := parseCBOR(data)
	if err != nil {
		return nil
	}
	for _, p := range places("", v, func(raw []byte) []byte { return raw })[1:] {
		add := func(what string, raw []byte) { all = append(all, change{p.name + " " + what, p.with(raw)}) }
		add("left out", nil)
		switch p.v.kind {
		case kInt:
			add("one more", encInt(p.v.n+1))
			if p.v.n > 0 {
				add("one less", encInt(p.v.n-1))
			}
		case kBytes, kText:
			for i := 0; i < 1+len(p.v.b)/200 && len(p.v.b) > 0; i++ {
				bent := bytes.Clone(p.v.b)
				at := r.Intn(len(bent))
				bent[at] ^= 1 << r.Intn(7)
				if p.v.kind == kText {
					add(fmt.Sprintf("letter %d", at), encText(string(bent)))
				} else {
					add(fmt.Sprintf("byte %d", at), encBytes(bent))
				}
			}
			if p.v.kind == kBytes {
				add("emptied", encBytes(nil))
				add("longer", encBytes(append(bytes.Clone(p.v.b), 0)))
				if len(p.v.b) == 32 {
					add("zeros", encBytes(make([]byte, 32)))
				}
			}
		case kArray:
			if n := len(p.v.items); n > 1 {
				i := r.Intn(n - 1)
				swapped := append([]value{}, p.v.items...)
				swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
				add(fmt.Sprintf("%d and the next swapped", i), encArray(raws(swapped)...))
			}
			if len(p.v.items) > 0 {
				add("its last twice", encArray(append(raws(p.v.items), p.v.items[len(p.v.items)-1].raw)...))
				add("emptied", encArray())
			}
		case kMap:
			for _, extra := range []struct {
				number int64
				raw    []byte
			}{{2, encBytes(make([]byte, 32))}, {4, encInt(1)}, {5, encBytes(bytes.Repeat([]byte{1}, 32))}, {7, encBytes(bytes.Repeat([]byte{2}, 32))},
				{9, encInt(1)}, {99, encInt(1)}} {
				if raw := withField(p.v, extra.number, extra.raw); raw != nil {
					add(fmt.Sprintf("with a field %d", extra.number), raw)
				}
			}
		}
	}
	// The whole of them where there are few; else as many as asked for, drawn.
	if len(all) > count {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:count]
	}
	return all
}

// notes changes what of the checkpoint no signature covers: its signature lines.
func notes(data []byte) (all []change) {
	v, err := parseCBOR(data)
	if err != nil {
		return nil
	}
	for _, p := range places("", v, func(raw []byte) []byte { return raw }) {
		if p.name != ".4" {
			continue
		}
		note := string(p.v.b)
		at := strings.LastIndex(strings.TrimSuffix(note, "\n"), "\n") + 1
		last := note[at:]
		other := "\u2014 witness.example.net/x " + base64.StdEncoding.EncodeToString(make([]byte, 76)) + "\n"
		for what, text := range map[string]string{
			"last line twice": note + last, "another's line": note + other, "another's line first": note[:at] + other + last,
			"another's line twice": note + other + other, "no newline": note[:len(note)-1], "an empty line": note + "\n",
			"a line of no form": note + "x\n", "no last line": note[:at], "a space more": note[:len(note)-1] + " \n",
			"CR LF": strings.ReplaceAll(note, "\n", "\r\n"), "an extension": strings.Replace(note, "\n\n", "\nextension\n\n", 1),
			"a hyphen": note[:at] + strings.Replace(last, "\u2014", "-", 1), "two spaces": note[:at] + strings.Replace(last, " ", "  ", 1),
			"a short line": note + "\u2014 x AAAA\n", "a line of five bytes": note + "\u2014 x AAAAAAA=\n", "spelt otherwise": note + "\u2014 x AAAAAAB=\n",
			"a name with a plus": note + "\u2014 x+y AAAAAAA=\n", "no name": note + "\u2014  AAAAAAA=\n", "a tab": note + "\u2014 x\ty AAAAAAA=\n",
			"a wide space": note + "\u2014 x\u2003y AAAAAAA=\n", "seventy lines": note + strings.Repeat(other, 70), "two hundred lines": note + strings.Repeat(other, 200),
			"its name, another id": note + last[:strings.LastIndex(last, " ")+1] + "AAAAAAA=\n",
		} {
			all = append(all, change{"of the checkpoint " + what, p.with(encBytes([]byte(text)))})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].what < all[j].what })
	return all
}

func raws(items []value) (all [][]byte) {
	for _, v := range items {
		all = append(all, v.raw)
	}
	return all
}

// withField gives the map with one field more, at its place; nil if it has it.
func withField(m value, number int64, raw []byte) []byte {
	var parts [][]byte
	done := false
	for i := 0; i < len(m.items); i += 2 {
		if m.items[i].n == number {
			return nil
		}
		if m.items[i].n > number && !done {
			parts, done = append(parts, encInt(number), raw), true
		}
		parts = append(parts, m.items[i].raw, m.items[i+1].raw)
	}
	if !done {
		parts = append(parts, encInt(number), raw)
	}
	return append(encHead(5, uint64(len(m.items)/2+1)), bytes.Join(parts, nil)...)
}

func compareCommand(s schema, o options) {
	program, dir := o.files[0], o.files[1]
	files := must(filepath.Glob(filepath.Join(dir, "*")))
	flipped := 40
	if n := o.one("flips"); n != "" {
		flipped = must(strconv.Atoi(n))
	}
	t := o.trust(s)
	r := rand.New(rand.NewSource(20261121))
	scratch := must(os.CreateTemp("", "second."))
	defer os.Remove(scratch.Name())
	whole, changed, lying, accused, executed, disagreed := 0, 0, 0, 0, 0, 0
	tally := map[string]int{}
	hold := func(name string, data []byte, path string, t trust, original bool) {
		must(0, os.WriteFile(scratch.Name(), data, 0o600))
		theirs := must(otherVerdict(program, scratch.Name(), path))
		mine, why := verifyBundle(s, data, t).verdict()
		step := theirs.step
		if step == "" {
			step = "same"
		}
		tally[step]++
		if theirs.verdict == "differs" && mine == "differs" {
			accused++
		}
		switch {
		case mine == theirs.verdict && (!original || mine == "same"):
		case theirs.step == "decided again" && !original && mine != "differs":
			executed++ // found by deciding again, which this program does not
		default:
			disagreed++
			fmt.Printf("not ok: %s: they say %s (%s: %s), we say %s (%s)\n", name, theirs.verdict, theirs.step, theirs.text, mine, why)
			if keep := os.Getenv("SECOND_KEEP"); keep != "" {
				must(0, os.WriteFile(filepath.Join(keep, fmt.Sprintf("disagreed.%d", disagreed)), data, 0o600))
			}
		}
	}
	forged, believed := "", trust{pack: t.pack}
	for _, file := range files {
		name := filepath.Base(file)
		data := must(os.ReadFile(file))
		hold(name, data, o.one("policy"), t, true)
		whole++
		for _, c := range append(append(flips(data, flipped, r), edits(data, 3*flipped, r)...), notes(data)...) {
			if !bytes.Equal(c.data, data) {
				hold(name+": "+c.what, c.data, o.one("policy"), t, false)
				changed++
			}
		}
		for i, c := range lies(s, data, flipped, r) {
			if forged == "" {
				v := must(s.read("bundle", data))
				forged, believed.policy = forgerPolicy(v.text("chain"))
				defer os.Remove(forged)
			}
			hold(name+": "+c.what, c.data, forged, believed, i == 0)
			lying++
		}
	}
	var steps []string
	for step := range tally {
		steps = append(steps, step)
	}
	sort.Strings(steps)
	for _, step := range steps {
		fmt.Printf("  %-16s %d\n", step, tally[step])
	}
	fmt.Printf("%d bundles, %d changed copies and %d of lying logs compared; %d are accused by both, %d only deciding again finds\n",
		whole, changed, lying, accused, executed)
	fmt.Printf("%d passed, %d failed\n", whole+changed+lying-disagreed, disagreed)
	if disagreed > 0 || whole == 0 {
		os.Exit(1)
	}
}
