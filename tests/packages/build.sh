#!/bin/sh
# In a root: /src becomes packages in /built, made by a user.
set -eu
apt-get -q -y install --no-install-recommends dpkg-dev fakeroot
cd /src
# shellcheck disable=SC2086
apt-get -q -y build-dep --no-install-recommends ${DEB_BUILD_PROFILES:+-P "$DEB_BUILD_PROFILES"} ./
useradd -m builder
mkdir /built
mv /src /built/libhrl
chown -R builder: /built
began=$(date +%s)
su builder -c 'cd /built/libhrl && dpkg-buildpackage -b -us -uc'
echo "seconds of the build: $(($(date +%s) - began))"
