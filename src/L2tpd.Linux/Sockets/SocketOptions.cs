using System.Text;
using L2tpd.Linux.Interop;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>Opens sockets and sets their options. The first error stays, and what follows is skipped.</summary>
internal ref struct SocketOptions
{
    private readonly FileDescriptor? _descriptor;

    private SocketOptions(FileDescriptor? descriptor, LinuxError error) => (_descriptor, Error) = (descriptor, error);

    /// <summary>Options of an open socket.</summary>
    public static SocketOptions For(FileDescriptor descriptor) => new(descriptor, LinuxError.None);

    public LinuxError Error { get; private set; }

    /// <summary>Opens a non-blocking, close-on-exec socket. Read <see cref="Error"/> before you use it.</summary>
    public static SocketOptions Open(int family, int type, int protocol, string what, out FileDescriptor descriptor)
    {
        var number = LibC.socket(family, type | LibC.SOCK_NONBLOCK | LibC.SOCK_CLOEXEC, protocol);
        var error = number < 0 ? new LinuxError(LibC.errno, "socket", what) : LinuxError.None;
        descriptor = new FileDescriptor(number);
        return new SocketOptions(number < 0 ? null : descriptor, error);
    }

    public unsafe void Set(int level, int option, int value, string name)
    {
        if (_descriptor is null || !Error.IsNone)
            return;
        if (Native.setsockopt(_descriptor, level, option, &value, sizeof(int)) < 0)
            Error = new LinuxError(LibC.errno, "setsockopt", $"{name} {value}");
    }

    public void SetIf(bool condition, int level, int option, int value, string name)
    {
        if (condition)
            Set(level, option, value, name);
    }

    /// <summary>Sets what the binding asks for. To be called before the socket is bound, so that it receives nothing before.</summary>
    public unsafe void Bind(in SocketBinding binding, bool ipv6)
    {
        var device = binding.Device;
        SetIf(binding.Mark != 0, LibC.SOL_SOCKET, LibC.SO_MARK, unchecked((int)binding.Mark), "SO_MARK");
        if (binding.RequireEsp)
            RequireEsp(ipv6);
        if (_descriptor is null || !Error.IsNone || string.IsNullOrEmpty(device))
            return;
        var octets = Encoding.UTF8.GetBytes(device);
        fixed (byte* start = octets)
        {
            if (Native.setsockopt(_descriptor, LibC.SOL_SOCKET, LibC.SO_BINDTODEVICE, start, octets.Length) < 0)
                Error = new LinuxError(LibC.errno, "setsockopt", $"SO_BINDTODEVICE {device}");
        }
    }

    /// <summary>
    /// What the socket sends leaves in clear text, whatever the policies of the machine say. Never an error: without CAP_NET_ADMIN they
    /// apply.
    /// </summary>
    public void BypassEsp(bool ipv6)
    {
        var before = Error;
        SetPolicy(EspPolicy.OutboundInClearText(ipv6), ipv6);
        Error = before;
    }

    private void RequireEsp(bool ipv6) => SetPolicy(EspPolicy.Inbound(ipv6), ipv6);

    private unsafe void SetPolicy(byte[] policy, bool ipv6)
    {
        if (_descriptor is null || !Error.IsNone)
            return;
        fixed (byte* start = policy)
        {
            var (level, option) = ipv6 ? (LibC.IPPROTO_IPV6, EspPolicy.IPV6_XFRM_POLICY) : (LibC.IPPROTO_IP, EspPolicy.IP_XFRM_POLICY);
            if (Native.setsockopt(_descriptor, level, option, start, policy.Length) < 0)
                Error = new LinuxError(LibC.errno, "setsockopt", ipv6 ? EspPolicy.OptionIPv6 : EspPolicy.OptionIPv4);
        }
    }

    /// <summary>Sets a buffer size: by force with CAP_NET_ADMIN, otherwise as far as the system allows. Never an error.</summary>
    public readonly unsafe void SetBuffer(int force, int ordinary, int octets)
    {
        if (_descriptor is null || !Error.IsNone || octets <= 0)
            return;
        if (Native.setsockopt(_descriptor, LibC.SOL_SOCKET, force, &octets, sizeof(int)) < 0)
            _ = Native.setsockopt(_descriptor, LibC.SOL_SOCKET, ordinary, &octets, sizeof(int));
    }
}
