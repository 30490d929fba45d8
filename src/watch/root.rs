//! The watched folder, held open, and safe ways into it.
//!
//! Every path is resolved by the kernel beneath the held descriptor, following no link: whoever
//! may write into the folder can't make flashwire read outside it.

use std::{
    fs::File,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use rustix::{
    fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, fstat, openat, openat2, statat},
    io::{Errno, Result},
};

use super::{WatchError, stat::Look};
use crate::page::PageName;

/// The watched folder, held open.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    fd: OwnedFd,
    dev: u64,
    ino: u64,
    /// A disk is mounted here, and where that is, links followed.
    mounted: Option<PathBuf>,
    /// False once the kernel, or a sandbox, turned out to refuse `openat2`.
    whole: AtomicBool,
}

impl Root {
    /// Opens the folder at `path`, which may be a link to one.
    ///
    /// # Errors
    /// [`WatchError::NoFolder`] where nothing is there, [`WatchError::NotAFolder`] where something
    /// else is, [`WatchError::Folder`] where the system refuses to open it.
    pub fn open(path: &Path) -> std::result::Result<Self, WatchError> {
        let path = std::path::absolute(path)
            .map_err(|source| WatchError::Folder { path: path.into(), source })?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = rustix::fs::open(&path, flags, Mode::empty())
            .and_then(|fd| fstat(&fd).map(|stat| (fd, Look::from(stat))));
        match opened {
            Ok((fd, look)) => Ok(Root {
                mounted: mount(&path, look.stat.dev),
                path,
                fd,
                dev: look.stat.dev,
                ino: look.stat.ino,
                whole: AtomicBool::new(true),
            }),
            Err(Errno::NOENT) => Err(WatchError::NoFolder(path)),
            Err(Errno::NOTDIR) => Err(WatchError::NotAFolder(path)),
            Err(error) => Err(WatchError::Folder { path, source: error.into() }),
        }
    }

    /// Where it is, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// True while the path still leads to the very folder held open. As long as it is held its
    /// inode can't be given to another.
    pub fn stands(&self) -> bool {
        rustix::fs::stat(&self.path).is_ok_and(|raw| {
            let there = Look::from(raw).stat;
            (there.dev, there.ino) == (self.dev, self.ino)
        })
    }

    /// Where it is looked for when it is lost.
    pub(super) fn home(&self) -> Home {
        Home { path: self.path.clone(), mounted: self.mounted.clone() }
    }

    /// False where no such file is in the folder; what can't be looked at may be there.
    pub fn holds(&self, name: &PageName) -> bool {
        let gone = [Errno::NOENT, Errno::NOTDIR, Errno::LOOP];
        self.look(name.as_bytes()).map_or_else(|error| !gone.contains(&error), |_| true)
    }

    /// Whether this kernel hears of all that changes in it: other machines may change it, too.
    pub fn tells_changes(&self) -> bool {
        // statfs(2): AFS, Ceph, CIFS, SMB, SMB2, FUSE (and virtiofs), NFS, 9P.
        const REMOTE: [u64; 9] = [
            0x5346_414f,
            0x00c3_6400,
            0xff53_4d42,
            0x517b,
            0xfe53_4d42,
            0x6573_5546,
            0x6969,
            0x0102_1997,
            0x6b41_4653,
        ];
        !self.file_system().is_some_and(|kind| REMOTE.contains(&(kind & 0xffff_ffff)))
    }

    /// The kind of file system it lies on, as `statfs` numbers them.
    fn file_system(&self) -> Option<u64> {
        let raw = rustix::fs::fstatfs(&self.fd).ok()?;
        u64::try_from(raw.f_type).ok()
    }

    /// Looks at a file or folder without opening it for reading; a link is looked at itself.
    pub(super) fn look(&self, name: &[u8]) -> Result<Look> {
        if !name.contains(&b'/') && name != b".." {
            let raw = statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)?;
            return Ok(Look::from(raw));
        }
        let fd = self.enter(name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC)?;
        fstat(&fd).map(Look::from)
    }

    /// Opens a file for reading. A FIFO does not block, a link is refused.
    pub(super) fn file(&self, name: &[u8]) -> Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        self.enter(name, flags | OFlags::CLOEXEC).map(File::from)
    }

    /// Opens a folder for listing; the empty name is the watched folder itself.
    pub(super) fn folder(&self, name: &[u8]) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        self.enter(if name.is_empty() { b"." } else { name }, flags)
    }

    fn enter(&self, name: &[u8], flags: OFlags) -> Result<OwnedFd> {
        if self.whole.load(Relaxed) {
            let how = ResolveFlags::BENEATH
                | ResolveFlags::NO_SYMLINKS
                | ResolveFlags::NO_MAGICLINKS
                | ResolveFlags::NO_XDEV;
            match openat2(&self.fd, name, flags, Mode::empty(), how) {
                Err(Errno::NOSYS) => self.whole.store(false, Relaxed),
                // A sandbox may answer so for the call itself; a path may be too long at once.
                Err(Errno::PERM | Errno::NAMETOOLONG) => {}
                answer => return answer,
            }
        }
        self.step(name, flags)
    }

    /// The same, one part of the path after the other, for kernels before 5.6 and paths longer
    /// than the kernel takes at once.
    fn step(&self, name: &[u8], flags: OFlags) -> Result<OwnedFd> {
        let mut parts: Vec<&[u8]> = name.split(|&b| b == b'/').collect();
        let last = parts.pop().unwrap_or(b".");
        let mut at: Option<OwnedFd> = None;
        let through = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for part in parts {
            at = Some(self.part(at.as_ref(), part, through)?);
        }
        self.part(at.as_ref(), last, flags)
    }

    fn part(&self, at: Option<&OwnedFd>, part: &[u8], flags: OFlags) -> Result<OwnedFd> {
        if part == b".." || part.is_empty() {
            return Err(Errno::XDEV);
        }
        let at = at.map_or(self.fd.as_fd(), AsFd::as_fd);
        let fd = openat(at, part, flags, Mode::empty())?;
        let look = Look::from(fstat(&fd)?);
        if look.kind == FileType::Directory && look.stat.dev != self.dev {
            return Err(Errno::XDEV);
        }
        Ok(fd)
    }
}

/// Where the watched folder is looked for. Nothing is held open, so that a disk can go.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    mounted: Option<PathBuf>,
}

impl Home {
    /// Opens what is there now, where that is not only the place its disk is mounted at.
    ///
    /// # Errors
    /// As [`Root::open`], and [`WatchError::Unmounted`].
    pub(super) fn open(&self) -> std::result::Result<Root, WatchError> {
        let there = Root::open(&self.path)?;
        let place = || there.path.canonicalize().ok();
        if self.mounted.is_some() && there.mounted.is_none() && self.mounted == place() {
            return Err(WatchError::Unmounted(there.path));
        }
        Ok(there)
    }
}

/// Where a folder on this device really lies, if a disk is mounted there.
fn mount(path: &Path, dev: u64) -> Option<PathBuf> {
    let place = path.canonicalize().ok()?;
    let above = rustix::fs::stat(place.parent()?).ok()?;
    (Look::from(above).stat.dev != dev).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// Both ways in must refuse the same things.
    fn both_ways(root: &Root, check: impl Fn(&Root)) {
        root.whole.store(true, Relaxed);
        check(root);
        root.whole.store(false, Relaxed);
        check(root);
    }

    #[test]
    fn nothing_outside_is_reached() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("in");
        std::fs::create_dir_all(inside.join("a/b")).unwrap();
        std::fs::write(inside.join("a/b/page.txt"), "x").unwrap();
        std::fs::write(dir.path().join("secret.txt"), "x").unwrap();
        symlink("../secret.txt", inside.join("link.txt")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        symlink("a", inside.join("side")).unwrap();
        let root = Root::open(&inside).unwrap();
        both_ways(&root, |root| {
            assert!(root.file(b"a/b/page.txt").is_ok());
            assert!(root.folder(b"").is_ok());
            assert!(root.folder(b"a/b").is_ok());
            for name in [
                &b"../secret.txt"[..],
                b"link.txt",
                b"up/secret.txt",
                b"side/b/page.txt",
                b"a/../a/b/page.txt/../page.txt",
                b"/etc/hostname",
            ] {
                assert!(root.file(name).is_err(), "{}", name.escape_ascii());
            }
            assert!(root.folder(b"up").is_err());
            assert!(root.folder(b"side").is_err());
            assert_eq!(root.look(b"link.txt").unwrap().kind, FileType::Symlink);
            let holds = |name: &[u8]| root.holds(&PageName::new(name));
            assert!(holds(b"a/b/page.txt") && holds(b"link.txt"));
            assert!(!holds(b"a/b/none.txt") && !holds(b"side/b/page.txt"));
        });
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let gone = dir.path().join("nowhere");
        assert!(matches!(Root::open(&gone), Err(WatchError::NoFolder(path)) if path == gone));
        let file = dir.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(matches!(Root::open(&file), Err(WatchError::NotAFolder(_))));
    }

    #[test]
    fn a_folder_made_anew_is_another() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("in");
        std::fs::create_dir(&path).unwrap();
        let root = Root::open(&path).unwrap();
        assert!(root.stands());
        std::fs::remove_dir(&path).unwrap();
        assert!(!root.stands());
        std::fs::create_dir(&path).unwrap();
        assert!(!root.stands());
    }
}
