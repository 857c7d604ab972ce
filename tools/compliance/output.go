package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
)

func write(folder string, compiled []*Case) error {
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return err
	}
	staged, err := os.MkdirTemp(filepath.Dir(folder), ".compliance-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	var index, blob bytes.Buffer
	for _, c := range compiled {
		c.Wasm = [2]int{blob.Len(), len(c.wasm)}
		blob.Write(c.wasm)
		c.Plan = [2]int{blob.Len(), len(c.plan)}
		blob.Write(c.plan)
		line, err := json.Marshal(c)
		if err != nil {
			return err
		}
		index.Write(append(line, '\n'))
	}
	if err := os.WriteFile(filepath.Join(staged, "index.ndjson"), index.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(staged, "blob"), blob.Bytes(), 0o644); err != nil {
		return err
	}
	err = os.Rename(staged, folder)
	if _, there := os.Stat(folder); err != nil && there == nil {
		return nil // Another run was faster; both write the same.
	}
	return err
}

// compressed makes of 350 MB about a third: half of every module is the same.
func compressed(content []byte) ([]byte, error) {
	var out bytes.Buffer
	writer, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(content); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
