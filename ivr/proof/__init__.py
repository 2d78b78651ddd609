"""The rules: promises to callers, proved for a content over every state that a call can be in (docs/rules.md)."""
