#!/bin/sh
# In a root: lintian over the packages of /new.
set -eu
apt-get -q -y install --no-install-recommends lintian >/lint.log
useradd -m reader
su reader -c "lintian --display-info --fail-on error,warning,info /new/*.changes"
echo "lintian has nothing to say but what debian/ explains"
