// When libgit2 starts, it reads the system's TLS certificates, 140 of them: a third of the time that
// `lethe log` takes, and libgit2 has no option against it. Lethe never asks libgit2 for a connection, so
// the executable answers in place of the TLS library that there are none: a connection would be refused.
//
// Where the system's libgit2 was built with another TLS library, nobody calls this.

int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path) {
    (void)chain;
    (void)path;
    return -0x2900; // MBEDTLS_ERR_X509_FILE_IO_ERROR
}
