# shellcheck shell=sh
# To be read: podman with images of its own below $folder, also where there is neither systemd
# nor version 2 of cgroups.
in_podman() {
  podman --root "$folder/podman" --runroot "$folder/podman-run" --storage-driver vfs \
    --runtime runc --cgroup-manager cgroupfs "$@"
}
