package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// openCheckpoint demands the signature of every given key; the first is the log's.
func openCheckpoint(signed []byte, keys ...note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return tlog.Tree{}, err
	}
	for _, key := range keys {
		if !signedBy(opened, key) {
			return tlog.Tree{}, fmt.Errorf("%s did not sign the checkpoint", key.Name())
		}
	}
	return parseCheckpoint(opened.Text, keys[0].Name())
}

func signedBy(opened *note.Note, key note.Verifier) bool {
	for _, signature := range opened.Sigs {
		if signature.Name == key.Name() && signature.Hash == key.KeyHash() {
			return true
		}
	}
	return false
}

func readCheckpoint(directory string, key note.Verifier) (tlog.Tree, error) {
	signed, err := os.ReadFile(filepath.Join(directory, "checkpoint"))
	if err != nil {
		return tlog.Tree{}, err
	}
	return openCheckpoint(signed, key)
}

// parseCheckpoint reads a C2SP tlog-checkpoint. tlog.ParseTree reads only that of Go's own checksum
// database, which has another first line.
func parseCheckpoint(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return tlog.Tree{}, errors.New("a checkpoint is an origin, a size and a root, one a line")
	}
	if lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("%s signed the checkpoint of %s", origin, lines[0])
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("a log does not have %q entries", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// cosigner is a witness's key, C2SP tlog-cosignature with Ed25519, which the note package does not
// know by itself: its signature begins with a time, which is part of what is signed.
type cosigner struct {
	name string
	key  ed25519.PublicKey
}

const (
	cosignatureType = 0x04
	timeBytes       = 8
)

func newCosigner(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("a verifier key is a name, a key id and a key, with + between")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureType {
		return nil, errors.New("not the Ed25519 key of a cosigner")
	}
	witness := cosigner{parts[0], key[1:]}
	id := binary.BigEndian.AppendUint32(nil, witness.KeyHash())
	if hex.EncodeToString(id) != parts[1] {
		return nil, errors.New("the key id is not that of the key")
	}
	return witness, nil
}

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	content := append([]byte(c.name+"\n"), cosignatureType)
	sum := sha256.Sum256(append(content, c.key...))
	return binary.BigEndian.Uint32(sum[:])
}

func (c cosigner) Verify(message, signature []byte) bool {
	if len(signature) != timeBytes+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, message)
	return ed25519.Verify(c.key, []byte(signed), signature[timeBytes:])
}
