-- A clerk's question looks for selections that live, and the coordinator's page counts by office: without these, each reads
-- every dossier of the wave.
CREATE INDEX counter_dossier_live ON counter_dossier (wave) WHERE live_since IS NOT NULL;
CREATE INDEX counter_dossier_office ON counter_dossier (wave, grp, unit, asked, handed) WHERE period IS NOT NULL;
