/* base/version.h - which program this is: told by aver version, in reports, and in what is kept of a bug. */
#ifndef AVER_BASE_VERSION_H
#define AVER_BASE_VERSION_H

#define AVER_VERSION "0.1.0"

#endif
