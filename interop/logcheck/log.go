package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	samples    = 50
)

// tilePath is a tile's path in C2SP tlog-tiles: as in Go's checksum database, but the height is not
// in it, and tiles of entries are called entries.
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	if rest, found := strings.CutPrefix(path, "data/"); found {
		path = "entries/" + rest
	}
	return "tile/" + path
}

func parseTilePath(path string) (tlog.Tile, error) {
	path = strings.TrimPrefix(path, "tile/")
	if rest, found := strings.CutPrefix(path, "entries/"); found {
		path = "data/" + rest
	}
	return tlog.ParseTilePath("tile/8/" + path)
}

// tileFiles reads a log's tiles from its directory, for tlog.TileHashReader.
type tileFiles string

func (directory tileFiles) Height() int                     { return tileHeight }
func (directory tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (directory tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	contents := make([][]byte, len(tiles))
	for i, tile := range tiles {
		content, err := os.ReadFile(filepath.Join(string(directory), tilePath(tile)))
		if err != nil {
			return nil, err
		}
		contents[i] = content
	}
	return contents, nil
}

// storedHashes holds the hashes of a tree that was built from the entries themselves.
type storedHashes []tlog.Hash

func (hashes storedHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(hashes)) {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		found[i] = hashes[index]
	}
	return found, nil
}

// checkLog rebuilds the tree from the entries and holds everything else against it.
func checkLog(key note.Verifier, directory string) (string, error) {
	tree, err := readCheckpoint(directory, key)
	if err != nil {
		return "", err
	}
	bundles, err := readBundles(directory, tree.N)
	if err != nil {
		return "", err
	}
	hashes, err := buildTree(bundles)
	if err != nil {
		return "", err
	}
	root, err := tlog.TreeHash(tree.N, hashes)
	if err != nil {
		return "", err
	}
	if root != tree.Hash {
		return "", fmt.Errorf("the entries have the root %v, the checkpoint has %v", root, tree.Hash)
	}
	tiles, err := checkTiles(directory, tree.N, hashes)
	if err != nil {
		return "", err
	}
	if err := checkOtherFiles(directory, bundles, hashes); err != nil {
		return "", err
	}
	proofs, err := checkSampleOfProofs(directory, tree, hashes)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("ok: %d entries in %d bundles, %d tiles, %d proofs from tiles",
		tree.N, len(bundles), tiles, proofs), nil
}

func readBundles(directory string, size int64) ([][]byte, error) {
	var bundles [][]byte
	for first := int64(0); first < size; first += tileWidth {
		width := int(min(tileWidth, size-first))
		tile := tlog.Tile{H: tileHeight, L: -1, N: first / tileWidth, W: width}
		bundle, err := os.ReadFile(filepath.Join(directory, tilePath(tile)))
		if err != nil {
			return nil, err
		}
		entries, err := unpack(bundle)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tilePath(tile), err)
		}
		if len(entries) != width {
			return nil, fmt.Errorf("%s holds %d entries, not %d", tilePath(tile), len(entries), width)
		}
		bundles = append(bundles, bundle)
	}
	return bundles, nil
}

// unpack returns the entries of a bundle: each stands behind its length as a big-endian uint16.
func unpack(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, errors.New("the bundle ends within an entry")
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:end])
		bundle = bundle[end:]
	}
	return entries, nil
}

func buildTree(bundles [][]byte) (storedHashes, error) {
	var hashes storedHashes
	index := int64(0)
	for _, bundle := range bundles {
		entries, err := unpack(bundle)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			added, err := tlog.StoredHashes(index, entry, hashes)
			if err != nil {
				return nil, err
			}
			hashes = append(hashes, added...)
			index++
		}
	}
	return hashes, nil
}

func checkTiles(directory string, size int64, hashes storedHashes) (int, error) {
	tiles := tlog.NewTiles(tileHeight, 0, size)
	for _, tile := range tiles {
		expected, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return 0, err
		}
		content, err := os.ReadFile(filepath.Join(directory, tilePath(tile)))
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(content, expected) {
			return 0, fmt.Errorf("%s does not hold the hashes of the entries", tilePath(tile))
		}
	}
	return len(tiles), nil
}

// checkOtherFiles looks at every file among the tiles: one that an earlier size left behind must be
// the beginning of what stands there now.
func checkOtherFiles(directory string, bundles [][]byte, hashes storedHashes) error {
	return filepath.WalkDir(filepath.Join(directory, "tile"), func(path string, file fs.DirEntry, err error) error {
		if err != nil || file.IsDir() {
			return err
		}
		relative, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		tile, err := parseTilePath(filepath.ToSlash(relative))
		if err != nil {
			return fmt.Errorf("%s is not a tile", relative)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var whole []byte
		switch {
		case tile.L >= 0:
			whole, err = tlog.ReadTileData(tile, hashes)
			if err != nil {
				return fmt.Errorf("%s: %w", relative, err)
			}
		case tile.N < int64(len(bundles)):
			whole = bundles[tile.N]
		}
		if !bytes.HasPrefix(whole, content) {
			return fmt.Errorf("%s is not of this tree", relative)
		}
		return nil
	})
}

// checkSampleOfProofs makes proofs from the tile files and checks them, as a client would that
// trusts nothing but the checkpoint; leaf hashes and old roots are those of the entries.
func checkSampleOfProofs(directory string, tree tlog.Tree, hashes storedHashes) (int, error) {
	tiles := tlog.TileHashReader(tree, tileFiles(directory))
	count := 0
	for _, index := range sample(tree.N) {
		if err := checkInclusion(tree, index, tiles, hashes); err != nil {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
		if err := checkExtension(tree, index+1, tiles, hashes); err != nil {
			return 0, fmt.Errorf("the tree of %d entries: %w", index+1, err)
		}
		count += 2
	}
	return count, nil
}

// sample returns leaf indexes: the edges of tiles, and the rest evenly spread.
func sample(size int64) []int64 {
	var indexes []int64
	for _, edge := range []int64{0, tileWidth, tileWidth * tileWidth, size} {
		for _, index := range []int64{edge - 1, edge} {
			if 0 <= index && index < size {
				indexes = append(indexes, index)
			}
		}
	}
	for i := range int64(samples) {
		if size > 0 {
			indexes = append(indexes, size*i/samples)
		}
	}
	return indexes
}

func checkInclusion(tree tlog.Tree, index int64, tiles, hashes tlog.HashReader) error {
	proof, err := tlog.ProveRecord(tree.N, index, tiles)
	if err != nil {
		return err
	}
	leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf[0])
}

func checkExtension(tree tlog.Tree, oldSize int64, tiles, hashes tlog.HashReader) error {
	oldRoot, err := tlog.TreeHash(oldSize, hashes)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, oldSize, tiles)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, oldSize, oldRoot)
}
