// Tlogclient reads a log over HTTP with the client of filippo.io/torchwood, as it is.
//
// It exits with 0 and one line that begins with "ok" where all holds, and with 1 and the reason
// where something does not. A KEY is a file with one verifier key.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	usage = `usage:
  tlogclient log KEY URL                     fetch and authenticate every entry of the log
  tlogclient proof KEY FILE                  the entry that a .tlog-proof carries is in the log
  tlogclient cosigned KEY WITNESS_KEY FILE   log and witness signed the checkpoint in FILE`
	patience = 2 * time.Minute
)

func main() {
	said, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok:", said)
}

func run(args []string) (string, error) {
	if len(args) < 3 {
		return "", errors.New(usage)
	}
	command, args := args[0], args[1:]
	policy, err := logPolicy(args[0])
	if err != nil {
		return "", err
	}
	switch {
	case command == "log" && len(args) == 2:
		return readLog(policy, args[1])
	case command == "proof" && len(args) == 2:
		return checkProof(policy, args[1])
	case command == "cosigned" && len(args) == 3:
		return checkCosigned(policy, args[1], args[2])
	}
	return "", errors.New(usage)
}

func logPolicy(path string) (torchwood.Policy, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, err
	}
	return torchwood.ThresholdPolicy(2,
		torchwood.SingleVerifierPolicy(key), torchwood.OriginPolicy(key.Name())), nil
}

func readLog(policy torchwood.Policy, url string) (string, error) {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	fetcher, err := torchwood.NewTileFetcher(url, torchwood.WithConcurrencyLimit(8))
	if err != nil {
		return "", err
	}
	signed, err := fetcher.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return "", err
	}
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return "", err
	}
	client, err := torchwood.NewClient(fetcher)
	if err != nil {
		return "", err
	}
	read := int64(0)
	for index := range client.AllEntries(ctx, checkpoint.Tree, 0) {
		if index != read {
			return "", fmt.Errorf("entry %d came after %d entries", index, read)
		}
		read++
	}
	if err := client.Err(); err != nil {
		return "", err
	}
	if read != checkpoint.N {
		return "", fmt.Errorf("the log gave %d of %d entries", read, checkpoint.N)
	}
	last := checkpoint.N - 1
	if _, _, err := client.Entry(ctx, checkpoint.Tree, last); err != nil {
		return "", fmt.Errorf("entry %d: %w", last, err)
	}
	return fmt.Sprintf("%d entries", read), nil
}

func checkProof(policy torchwood.Policy, path string) (string, error) {
	proof, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	entry, err := torchwood.ProofExtraData(proof)
	if err != nil {
		return "", err
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(entry), proof); err != nil {
		return "", err
	}
	return "the entry is in the log", nil
}

func checkCosigned(policy torchwood.Policy, witnessPath, path string) (string, error) {
	text, err := os.ReadFile(witnessPath)
	if err != nil {
		return "", err
	}
	witness, err := torchwood.NewCosignatureVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return "", err
	}
	signed, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	both := torchwood.ThresholdPolicy(2, policy, torchwood.SingleVerifierPolicy(witness))
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, both)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s cosigned the log of %d entries", witness.Name(), checkpoint.N), nil
}
