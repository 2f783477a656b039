// What has to be settled before libgit2 starts. Nothing is called from here: see NoCertificates.c.
#ifndef CGIT2START_H
#define CGIT2START_H
#endif
