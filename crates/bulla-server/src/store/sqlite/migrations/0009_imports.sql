-- Whoever is imported asks whether all tokens of the identity are still revoked.

CREATE INDEX revocations_of_whole_subject ON revocations (key) WHERE kind = 'sub' AND min_epoch IS NULL;
