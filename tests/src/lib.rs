//! End-to-end tests against the real campus: real servers behind the gateway, real clients in front. They live in `e2e/`.
