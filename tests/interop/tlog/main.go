// Checks a published log with the libraries that others use for transparency logs: x/mod/sumdb (note, tlog), tessera's fsck,
// transparency-dev/formats (cosignatures, proofs, policies). See run.sh, which makes the log and calls
//
//	tlog check DIR      everything in DIR: see the constants below
//	tlog cosign NAME    answers a witness request on standard input, by a key made here; its vkey goes to NAME.vkey
//
// Each check is made again over a copy with a byte or a line changed, and must fail. Prints "N passed, N failed".
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	ledgerDir  = "ledger"       // checkpoint, tile/...
	policyFile = "both.policy"  // a log, two witnesses, a quorum of both; each with a URL
	oldFile    = "old"          // an earlier checkpoint
	cosigned   = "cosigned"     // a checkpoint that both witnesses cosigned
	growthFile = "growth"       // aver log consistency old
	proofGlob  = "*.tlog-proof" // aver log prove ...
	witnessDir = "north.d"      // the memory of a witness of ours
)

var passed, failed int

func check(ok bool, format string, args ...any) {
	if ok {
		passed++
		return
	}
	failed++
	fmt.Fprintf(os.Stderr, "differs: "+format+"\n", args...)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Every byte of a text changed in turn, by its lowest bit. Not the last character of base64 before its padding: Go's reader takes
// stray bits there (ours does not).
func eachByte(text []byte, try func(changed []byte) bool, what string) {
	for i := range text {
		if i+1 < len(text) && text[i+1] == '=' {
			continue
		}
		changed := bytes.Clone(text)
		changed[i] ^= 1
		if try(changed) {
			check(false, "%s holds with byte %d changed", what, i)
			return
		}
	}
	check(true, "")
}

// ---- the policy ----

type trust struct {
	log       note.Verifier
	witnesses []note.Verifier
	group     witness.Group
}

func readPolicy(text []byte) (t trust) {
	for _, line := range strings.Split(string(text), "\n") {
		switch words := strings.Fields(line); {
		case len(words) > 1 && words[0] == "log":
			t.log = must(note.NewVerifier(words[1]))
		case len(words) > 2 && words[0] == "witness":
			t.witnesses = append(t.witnesses, must(fnote.NewVerifierForCosignatureV1(words[2])))
		}
	}
	t.group = must(witness.ParsePolicy(text))
	return t
}

// open is the checkpoint under the log's signature, by both readers of checkpoints.
func open(text []byte, t trust) (tlog.Tree, error) {
	n, err := note.Open(text, note.VerifierList(t.log))
	if err != nil {
		return tlog.Tree{}, err
	}
	tree, err := tlog.ParseTree([]byte(strings.Replace(n.Text, t.log.Name(), "go.sum database tree", 1)))
	if err != nil {
		return tlog.Tree{}, err
	}
	cp, _, _, err := flog.ParseCheckpoint(text, t.log.Name(), t.log)
	if err != nil {
		return tlog.Tree{}, err
	}
	if cp.Size != uint64(tree.N) || !bytes.Equal(cp.Hash, tree.Hash[:]) {
		return tlog.Tree{}, errors.New("two readers, two checkpoints")
	}
	return tree, nil
}

func checkCheckpoint(name string, text []byte, t trust) tlog.Tree {
	tree, err := open(text, t)
	check(err == nil, "%s: %v", name, err)
	eachByte([]byte(strings.SplitAfter(string(text), "\n\n")[0]+logLine(text, t)), func(changed []byte) bool {
		_, err := open(changed, t)
		return err == nil
	}, name)
	return tree
}

// logLine is the signature line of the log itself.
func logLine(text []byte, t trust) string {
	for _, line := range strings.SplitAfter(string(text), "\n") {
		if strings.HasPrefix(line, "— "+t.log.Name()+" ") {
			return line
		}
	}
	panic("the log did not sign")
}

func checkCosigned(text, bare []byte, t trust) {
	all := append([]note.Verifier{t.log}, t.witnesses...)
	n, err := note.Open(text, note.VerifierList(all...))
	check(err == nil && len(n.Sigs) == len(all) && len(n.UnverifiedSigs) == 0, "cosigned checkpoint: %v", err)
	if err != nil {
		return
	}
	for _, s := range n.Sigs[1:] {
		at, err := fnote.CoSigV1Timestamp(s)
		check(err == nil && at.Unix() > 1700000000, "the time of %s: %v %v", s.Name, at, err)
	}
	check(t.group.Satisfied(text), "the policy is not satisfied")
	check(!t.group.Satisfied(bare), "the policy is satisfied without cosignatures")
	for i, w := range t.witnesses {
		line := signature(text, w)
		check(!t.group.Satisfied([]byte(strings.Replace(string(text), line, "", 1))), "the policy does without witness %d", i)
		head := strings.SplitAfter(string(text), "\n\n")[0]
		eachByte([]byte(head+line), func(changed []byte) bool {
			_, err := note.Open(changed, note.VerifierList(w))
			return err == nil
		}, "the cosignature of "+w.Name())
	}
}

func signature(text []byte, v note.Verifier) string {
	for _, line := range strings.SplitAfter(string(text), "\n") {
		if strings.HasPrefix(line, "— "+v.Name()+" ") {
			return line
		}
	}
	panic("no signature of " + v.Name())
}

// ---- tiles ----

// tiles reads DIR/tile/L/N: the layout of tlog-tiles is that of x/mod's tiles of height 8 without the height.
type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		read := func(tile tlog.Tile) ([]byte, error) {
			return os.ReadFile(filepath.Join(t.dir, "tile", strings.TrimPrefix(tile.Path(), "tile/8/")))
		}
		data, err := read(tile)
		if err != nil { // tlog-tiles: partial tiles may go once there is the full one
			full := tile
			full.W = 1 << tile.H
			data, err = read(full)
			data = data[:min(len(data), tile.W*tlog.HashSize)]
		}
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

// changedTiles changes one byte of every tile that it reads.
type changedTiles struct{ tiles }

func (t changedTiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	all, err := t.tiles.ReadTiles(wanted)
	for i := range all {
		all[i] = bytes.Clone(all[i])
		all[i][len(all[i])/2] ^= 0x80
	}
	return all, err
}

// entries are all of the log, out of its bundles, by tessera's reader.
func entries(dir string, size uint64) (all [][]byte) {
	fetch := client.FileFetcher{Root: dir}
	for i := uint64(0); i*256 < size; i++ {
		bundle := must(client.GetEntryBundle(context.Background(), fetch.ReadEntryBundle, i, size))
		all = append(all, bundle.Entries...)
	}
	return all
}

func checkTree(dir string, tree tlog.Tree) (tlog.HashReader, [][]byte) {
	reader := tlog.TileHashReader(tree, tiles{dir})
	root, err := tlog.TreeHash(tree.N, reader)
	check(err == nil && root == tree.Hash, "the root out of the tiles: %v", err)
	data := entries(dir, uint64(tree.N))
	check(int64(len(data)) == tree.N, "%d entries in the bundles", len(data))
	for i := range data {
		p, err := tlog.ProveRecord(tree.N, int64(i), reader)
		hash := tlog.RecordHash(data[i])
		check(err == nil && tlog.CheckRecord(p, tree.N, tree.Hash, int64(i), hash) == nil, "entry %d: %v", i, err)
		if i%37 == 0 {
			hash[31] ^= 1
			check(tlog.CheckRecord(p, tree.N, tree.Hash, int64(i), hash) != nil, "entry %d holds with another hash", i)
		}
	}
	_, err = tlog.ProveRecord(tree.N, 0, tlog.TileHashReader(tree, changedTiles{tiles{dir}}))
	check(err != nil, "changed tiles lead to the root")
	return reader, data
}

// ---- proofs ----

func checkProof(path string, dir string, t trust, data [][]byte) {
	text := must(os.ReadFile(path))
	whole := func(text []byte) (p proof.TLogProof, err error) {
		if err = p.Unmarshal(text); err != nil {
			return p, err
		}
		tree, err := open(p.Checkpoint, t)
		if err != nil {
			return p, err
		}
		var path tlog.RecordProof
		for _, h := range p.Hashes {
			path = append(path, tlog.Hash(h))
		}
		return p, tlog.CheckRecord(path, tree.N, tree.Hash, int64(p.Index), tlog.RecordHash(p.ExtraData))
	}
	p, err := whole(text)
	check(err == nil, "%s: %v", path, err)
	check(bytes.Equal(p.Marshal(), text), "%s: written again it differs", path)
	check(bytes.Equal(p.ExtraData, data[p.Index]), "%s: another entry than in the bundles", path)

	// Made again by x/mod out of the tiles: the same text.
	tree := must(open(p.Checkpoint, t))
	again := proof.TLogProof{Index: p.Index, Checkpoint: p.Checkpoint, ExtraData: data[p.Index]}
	for _, h := range must(tlog.ProveRecord(tree.N, int64(p.Index), tlog.TileHashReader(tree, tiles{dir}))) {
		again.Hashes = append(again.Hashes, [sha256.Size]byte(h))
	}
	check(bytes.Equal(again.Marshal(), text), "%s: x/mod proves otherwise", path)

	// All but lines of witnesses, which only the policy knows.
	end := strings.Index(string(text), logLine(text, t)) + len(logLine(text, t))
	eachByte(text[:end], func(changed []byte) bool {
		_, err := whole(changed)
		return err == nil
	}, path)
}

func checkGrowth(text, oldText []byte, t trust, reader tlog.HashReader) {
	old := must(open(oldText, t))
	verify := func(text string) (tlog.TreeProof, tlog.Tree, error) {
		head, rest, ok := strings.Cut(text, "\n\n")
		if !ok {
			return nil, tlog.Tree{}, errors.New("no empty line")
		}
		lines := strings.Split(head, "\n")
		if lines[0] != fmt.Sprintf("old %d", old.N) {
			return nil, tlog.Tree{}, errors.New("another old size")
		}
		var path tlog.TreeProof
		for _, line := range lines[1:] {
			h, err := tlog.ParseHash(line)
			if err != nil {
				return nil, tlog.Tree{}, err
			}
			path = append(path, h)
		}
		tree, err := open([]byte(rest), t)
		if err != nil {
			return nil, tlog.Tree{}, err
		}
		return path, tree, tlog.CheckTree(path, tree.N, tree.Hash, old.N, old.Hash)
	}
	path, tree, err := verify(string(text))
	check(err == nil, "growth: %v", err)
	again, err := tlog.ProveTree(tree.N, old.N, reader)
	check(err == nil && fmt.Sprint(again) == fmt.Sprint(path), "growth: x/mod proves otherwise: %v", err)
	eachByte([]byte(strings.SplitAfter(string(text), "\n\n")[0]), func(changed []byte) bool {
		p, _, err := verify(string(changed) + string(text[strings.Index(string(text), "\n\n")+2:]))
		return err == nil && fmt.Sprint(p) != fmt.Sprint(path)
	}, "growth")
}

// ---- tessera's fsck ----

// fetcher changes a byte of the one resource that is named.
type fetcher struct {
	client.FileFetcher
	change string
	met    bool
}

func (f *fetcher) may(name string, data []byte, err error) ([]byte, error) {
	if err != nil || name != f.change {
		return data, err
	}
	f.met = true
	data = bytes.Clone(data)
	data[len(data)*2/3] ^= 4
	return data, nil
}
func (f *fetcher) ReadCheckpoint(ctx context.Context) ([]byte, error) {
	data, err := f.FileFetcher.ReadCheckpoint(ctx)
	return f.may("checkpoint", data, err)
}
func (f *fetcher) ReadTile(ctx context.Context, l, i uint64, p uint8) ([]byte, error) {
	data, err := f.FileFetcher.ReadTile(ctx, l, i, p)
	return f.may(fmt.Sprintf("tile %d %d", l, i), data, err)
}
func (f *fetcher) ReadEntryBundle(ctx context.Context, i uint64, p uint8) ([]byte, error) {
	data, err := f.FileFetcher.ReadEntryBundle(ctx, i, p)
	return f.may(fmt.Sprintf("entries %d", i), data, err)
}

func leafHashes(bundle []byte) (all [][]byte, err error) {
	var b api.EntryBundle
	if err = b.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	for _, e := range b.Entries {
		all = append(all, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return all, nil
}

// fsck v1.0.4 stands still once as many tiles as it has workers were wrong: they stop, and its queue fills.
const fsckWorkers = 64

func checkFsck(dir string, size int64, t trust) {
	run := func(change string) (*fetcher, error) {
		f := &fetcher{FileFetcher: client.FileFetcher{Root: dir}, change: change}
		return f, fsck.New(t.log.Name(), t.log, f, leafHashes, fsck.Opts{N: fsckWorkers}).Check(context.Background())
	}
	_, err := run("")
	check(err == nil, "fsck: %v", err)
	changes := []string{"checkpoint", "tile 1 0"}
	for i := int64(0); i*256 < size; i++ {
		changes = append(changes, fmt.Sprintf("tile 0 %d", i), fmt.Sprintf("entries %d", i))
	}
	for _, change := range changes {
		f, err := run(change)
		check(err != nil && f.met, "fsck does not find a changed byte in %s", change)
	}
}

// ---- both ways ----

func cosign(name string) {
	request := must(io.ReadAll(os.Stdin))
	_, checkpoint, ok := bytes.Cut(request, []byte("\n\n"))
	if !ok {
		panic("no request")
	}
	skey, vkey, err := note.GenerateKey(nil, name)
	if err != nil {
		panic(err)
	}
	text, _, _ := bytes.Cut(checkpoint, []byte("\n\n"))
	signed := must(note.Sign(&note.Note{Text: string(text) + "\n"}, must(fnote.NewSignerForCosignatureV1(skey))))
	_, lines, _ := bytes.Cut(signed, []byte("\n\n"))
	if err := os.WriteFile(filepath.Base(name)+".vkey", []byte(must(fnote.VKeyToCosignatureV1(vkey))+"\n"), 0o644); err != nil {
		panic(err)
	}
	os.Stdout.Write(lines)
}

func checkAll() {
	policy := must(os.ReadFile(policyFile))
	t := readPolicy(policy)
	newest := must(os.ReadFile(filepath.Join(ledgerDir, "checkpoint")))
	old := must(os.ReadFile(oldFile))
	both := must(os.ReadFile(cosigned))

	tree := checkCheckpoint("the newest checkpoint", newest, t)
	before := checkCheckpoint("the earlier checkpoint", old, t)
	check(before.N < tree.N && tree.N > 512 && tree.N%256 != 0, "no tiles worth a test: %d, %d entries", before.N, tree.N)
	checkCosigned(both, old, t)
	reader, data := checkTree(ledgerDir, tree)
	checkGrowth(must(os.ReadFile(growthFile)), old, t, reader)
	proofs := must(filepath.Glob(proofGlob))
	check(len(proofs) >= 3, "%d proofs", len(proofs))
	for _, path := range proofs {
		checkProof(path, ledgerDir, t, data)
	}
	checkFsck(ledgerDir, tree.N, t)

	// What a witness of ours serves to monitors, under the name that the protocol gives it.
	origin := sha256.Sum256([]byte(t.log.Name()))
	kept := must(os.ReadFile(filepath.Join(witnessDir, hex.EncodeToString(origin[:]), "checkpoint")))
	n, err := note.Open(kept, note.VerifierList(t.log, t.witnesses[0]))
	check(err == nil && len(n.Sigs) == 2, "what the witness serves: %v", err)
}

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "cosign":
		cosign(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "check":
		if err := os.Chdir(os.Args[2]); err != nil {
			panic(err)
		}
		checkAll()
		fmt.Printf("%d passed, %d failed\n", passed, failed)
		if failed > 0 || passed == 0 {
			os.Exit(1)
		}
	default:
		fmt.Fprintln(os.Stderr, "usage: tlog check DIR | tlog cosign NAME")
		os.Exit(64)
	}
}
