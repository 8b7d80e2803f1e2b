using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using L2tpd.Linux;
using L2tpd.Linux.Interop;
using L2tpd.Linux.Sockets;
using Tmds.Linux;

namespace L2tpd.Bench;

/// <summary>
/// What a call into the C library costs: with a declaration of our own (<c>LibraryImport</c>), and through Tmds.LibC as the daemon makes
/// it. The two take turns, so that a change in the load of the machine affects both.
/// </summary>
internal sealed unsafe partial class LibCBenchmark : IDisposable
{
    /// <summary>A round of about a millisecond is rarely interrupted, even on a busy machine.</summary>
    private const int Calls = 1_000;

    private const int RoundsPerRound = 1_000;
    private const int WarmUp = 200;

    /// <summary>Room for a struct epoll_event of any architecture, octets.</summary>
    private const int EventSize = 16;

    private readonly int _rounds;
    private readonly FileDescriptor _counter = new(LibC.eventfd(0, LibC.EFD_NONBLOCK | LibC.EFD_CLOEXEC));
    private readonly FileDescriptor _epoll = new(LibC.epoll_create1(LibC.EPOLL_CLOEXEC));
    private readonly UdpSocket _empty = UdpSocket.Open(new UdpSocketOptions { Local = SockAddr.From(IPAddress.Loopback, 0) });

    public LibCBenchmark(int rounds)
    {
        _rounds = rounds * RoundsPerRound;
        var interest = stackalloc byte[EventSize];
        *(int*)interest = LibC.EPOLLIN;
        _ = Native.epoll_ctl(_epoll, LibC.EPOLL_CTL_ADD, _counter, interest);
    }

    /// <summary>Prints a line for each call: nanoseconds of each declaration and their ratio, medians.</summary>
    public int Run()
    {
        Console.WriteLine("call                            ours ns   Tmds.LibC ns   ratio (median; first and third quartile)");
        Measure("write, 8 octets, eventfd", OurWrite, TheirWrite);
        Measure("epoll_wait, 1 event", OurWait, TheirWait);
        Measure("recvmsg, EAGAIN", OurReceive, TheirReceive);
        return 0;
    }

    public void Dispose()
    {
        _empty.Dispose();
        _epoll.Dispose();
        _counter.Dispose();
    }

    private void Measure(string name, Action ours, Action theirs)
    {
        // The first rounds are for the compiler.
        for (var i = 0; i < WarmUp; i++)
        {
            _ = NanosecondsPerCall(ours);
            _ = NanosecondsPerCall(theirs);
        }

        var (our, their, ratios) = (new double[_rounds], new double[_rounds], new double[_rounds]);
        for (var i = 0; i < _rounds; i++)
        {
            our[i] = NanosecondsPerCall(ours);
            their[i] = NanosecondsPerCall(theirs);
            ratios[i] = their[i] / our[i];
        }

        Array.Sort(ratios);
        var quartiles = string.Create(CultureInfo.InvariantCulture, $"{ratios[_rounds / 4]:F3} to {ratios[_rounds * 3 / 4]:F3}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-30}{Median(our),9:F0}{Median(their),15:F0}{Median(ratios),8:F3} ({quartiles})"));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private static double NanosecondsPerCall(Action calls)
    {
        var start = Stopwatch.GetTimestamp();
        calls();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls;
    }

    private void OurWrite()
    {
        var one = 1UL;
        for (var i = 0; i < Calls; i++)
            _ = our_write(_counter, &one, sizeof(ulong));
    }

    private void TheirWrite()
    {
        var one = 1UL;
        for (var i = 0; i < Calls; i++)
            _ = Native.write(_counter, &one, sizeof(ulong));
    }

    private void OurWait()
    {
        var ready = stackalloc byte[EventSize];
        for (var i = 0; i < Calls; i++)
            _ = our_epoll_wait(_epoll, ready, 1, 0);
    }

    private void TheirWait()
    {
        var ready = stackalloc byte[EventSize];
        for (var i = 0; i < Calls; i++)
            _ = Native.epoll_wait(_epoll, ready, 1, 0);
    }

    private void OurReceive()
    {
        var message = default(msghdr);
        for (var i = 0; i < Calls; i++)
            _ = our_recvmsg(_empty.Descriptor, &message, LibC.MSG_DONTWAIT);
    }

    private void TheirReceive()
    {
        var message = default(msghdr);
        for (var i = 0; i < Calls; i++)
            _ = Native.recvmsg(_empty.Descriptor, &message, LibC.MSG_DONTWAIT);
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint our_write(FileDescriptor fd, void* buf, nuint count);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int our_epoll_wait(FileDescriptor epfd, byte* events, int maxevents, int timeout);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint our_recvmsg(FileDescriptor sockfd, msghdr* msg, int flags);
}
