-- What grows with a wave may be divided by wave and, among machines, by the hash or random id that a respondent's request
-- or a response brings: every unique constraint of these tables has both columns (docs/scale.md). What is looked for
-- stays first, so that it is found without knowing the wave.

-- No number is given twice all the same: numbers are given under the lock of the whole store, and the doctor counts.
ALTER TABLE invitation DROP CONSTRAINT invitation_wave_serial_key;
CREATE INDEX invitation_serial ON invitation (wave, serial);

ALTER TABLE invitation DROP CONSTRAINT invitation_pkey, ADD PRIMARY KEY (lookup, wave);
ALTER TABLE revoked_code DROP CONSTRAINT revoked_code_pkey, ADD PRIMARY KEY (lookup, wave);
ALTER TABLE inbox_box DROP CONSTRAINT inbox_box_pkey, ADD PRIMARY KEY (id, wave);
ALTER TABLE inbox_receipt DROP CONSTRAINT inbox_receipt_pkey, ADD PRIMARY KEY (hash, wave);
ALTER TABLE box DROP CONSTRAINT box_pkey, ADD PRIMARY KEY (id, wave);
ALTER TABLE receipt DROP CONSTRAINT receipt_pkey, ADD PRIMARY KEY (hash, wave);

-- Lists, by their wave.
ALTER TABLE frame_row DROP CONSTRAINT frame_row_pkey, ADD PRIMARY KEY (id, wave);
ALTER TABLE contact DROP CONSTRAINT contact_pkey, ADD PRIMARY KEY (frame_row, wave);
ALTER TABLE contact_flag DROP CONSTRAINT contact_flag_pkey, ADD PRIMARY KEY (frame_row, wave);
