using System.Net.Sockets;
using L2tpd.Linux;
using L2tpd.Linux.Host;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Processes;
using Tmds.Linux;

namespace L2tpd.Unit.Tests.Linux;

public sealed class FilesAndProcessesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("l2tpd-files").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_socket_is_told_from_a_file_a_link_and_nothing()
    {
        var (socket, file, link) = (Path.Combine(_directory, "socket"), Path.Combine(_directory, "file"), Path.Combine(_directory, "link"));
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        File.WriteAllText(file, "");
        File.CreateSymbolicLink(link, socket);
        Assert.True(FileStatus.IsSocket(socket));
        Assert.False(FileStatus.IsSocket(file));
        Assert.False(FileStatus.IsSocket(link));
        Assert.False(FileStatus.IsSocket(Path.Combine(_directory, "missing")));
    }

    [Fact]
    public void A_directory_that_cannot_be_written_says_why()
    {
        Assert.True(FileStatus.CheckWritable(_directory).IsNone);
        Assert.Equal(Errno.ENOENT, FileStatus.CheckWritable(Path.Combine(_directory, "missing")).Errno);
    }

    [Fact]
    public void Groups_are_found_by_name()
    {
        Assert.True(UserDatabase.TryFindGroup("root", out var root));
        Assert.Equal(0u, root);
        Assert.False(UserDatabase.TryFindGroup("no-such-group-here", out _));
        Assert.Equal(UserDatabase.EffectiveUser == 0, Environment.IsPrivilegedProcess);
    }

    [Fact]
    public void A_file_is_given_to_a_group_or_the_reason_returned()
    {
        Assert.Equal(Errno.ENOENT, FileStatus.SetGroup(Path.Combine(_directory, "missing"), 0).Errno);
        var file = Path.Combine(_directory, "file");
        File.WriteAllText(file, "");
        var error = FileStatus.SetGroup(file, 0);
        Assert.Contains(error.Errno, UserDatabase.EffectiveUser == 0 ? [0] : new[] { 0, Errno.EPERM });
    }

    [Fact]
    public void What_closes_on_exec_was_not_inherited()
    {
        using var ours = new FileDescriptor(Native.open("/dev/null", LibC.O_CLOEXEC));
        using var open = new FileDescriptor(Native.open("/dev/null", 0));
        Assert.False(ProcessImage.IsInherited(ours.Number));
        Assert.True(ProcessImage.IsInherited(open.Number));
        Assert.False(ProcessImage.IsInherited(1_000_000));
    }

    [Fact]
    public void A_program_that_is_not_there_replaces_nothing()
    {
        var error = ProcessImage.Replace(Path.Combine(_directory, "missing"), ["missing"], [], []);
        Assert.Equal((Errno.ENOENT, "execve"), (error.Errno, error.Call));
    }

    [Fact]
    public void A_process_is_signalled_through_its_descriptor()
    {
        Assert.True(PidFd.TryOpen(Environment.ProcessId, out var self).IsNone);
        using (self)
            Assert.True(PidFd.Signal(self!, 0).IsNone);
        Assert.Throws<ObjectDisposedException>(() => PidFd.Signal(self!, 0));
        Assert.Equal(Errno.ESRCH, PidFd.TryOpen(0x7ffffff0, out var nobody).Errno);
        Assert.Null(nobody);
    }
}
