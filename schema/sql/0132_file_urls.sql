-- Every file is served under its URI, whichever store has it: rights, stores and redirects hold in one place.
UPDATE archive.artifact SET access_url = '/files/' || uri
WHERE access_url LIKE 'https://mast.stsci.edu/api/v0.1/Download/file?uri=%' OR access_url LIKE '/files/%';

UPDATE archive.plane SET access_url = '/files/' || CASE WHEN access_url LIKE '/files/%'
    THEN 'voserver:sample/' || substr(access_url, 8) ELSE replace(split_part(access_url, 'uri=', 2), '%3A', ':') END
WHERE access_url LIKE 'https://mast.stsci.edu/api/v0.1/Download/file?uri=%'
    OR access_url LIKE '/files/%' AND access_url NOT LIKE '/files/voserver:%';
