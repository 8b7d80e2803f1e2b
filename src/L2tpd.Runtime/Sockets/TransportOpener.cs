using System.Net;
using L2tpd.Configuration;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Linux;
using L2tpd.Linux.Sockets;
using L2tpd.Protocol;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>Why a tunnel has no socket.</summary>
/// <param name="Text">The reason, for the operator.</param>
/// <param name="OutOfResources">Whether descriptors or memory have run out.</param>
public sealed record TransportProblem(string Text, bool OutOfResources);

/// <summary>Opens the sockets of single tunnels within the descriptor budget.</summary>
public sealed class TransportOpener(DescriptorBudget budget)
{
    /// <summary>The configured local address with port 0; <c>null</c> if none is configured, or it is not an address.</summary>
    public static Endpoint? LocalAddressOf(TransportRequest request) =>
        IPAddress.TryParse(request.LocalAddress, out var address) ? Endpoint.From(address, 0) : null;

    /// <summary>Opens the sockets of IP protocol 115.</summary>
    public IpSocketOpener Ip { get; } = new();

    /// <summary>Opens a socket for a dialled or static tunnel.</summary>
    /// <param name="tunnel">The tunnel; over IP the socket is bound to its id.</param>
    /// <param name="request">Addresses and bindings.</param>
    /// <param name="hasListener">Whether there are listeners, which may have the same fixed port.</param>
    /// <param name="socket">The socket.</param>
    /// <returns>The error; <c>null</c> if there is none.</returns>
    public TransportProblem? TryOpenOwn(TunnelKey tunnel, TransportRequest request, bool hasListener, out DatagramSocket? socket)
    {
        socket = null;
        var local = LocalAddressOf(request);
        if (local is null && request.LocalAddress is not null)
            return new TransportProblem($"the local address {request.LocalAddress} is not an IP address", false);
        if (local is { } given && given.IsIPv6 != request.Remote.IsIPv6)
        {
            return new TransportProblem($"the local address {request.LocalAddress} and the peer {request.Remote} are of "
                + "different families", false);
        }

        if (request.Remote.IsOverIp)
        {
            var own = local?.ToSockAddr() ?? SockAddr.Any(request.Remote.IsIPv6, 0);
            return Problem(Keep(
                Ip.TryOpen(own, tunnel.LocalId, request.Remote.ToSockAddr(), request.PeerId,
                    new SocketBinding(request.BindDevice, request.FwMark, request.Remote.IsProtected), out socket), ref socket));
        }

        var error = TryOpen(new UdpSocketOptions
        {
            Local = local is { } address ? (address with { Port = request.SourcePort }).ToSockAddr()
                : SockAddr.Any(request.Remote.IsIPv6, request.SourcePort),
            // On a listener's port the socket is connected, or it would take the listener's datagrams. On its own port it is not, so
            // that it also receives from a peer that answers from another address.
            Remote = request.SourcePort != 0 && hasListener ? request.Remote.ToSockAddr() : SockAddr.None,
            // Several tunnels may have the same fixed port. An ephemeral port is not shared.
            SharePort = request.SourcePort != 0,
            BindDevice = request.BindDevice,
            FwMark = request.FwMark,
            RequireEsp = request.Remote.IsProtected,
        }, out socket);
        return Problem(error);
    }

    /// <summary>Opens a listener of IP protocol 115.</summary>
    public LinuxError TryOpenIpListener(in SockAddr local, in SocketBinding binding, out DatagramSocket? socket) =>
        Ip.TryOpen(local, TunnelId.None, SockAddr.None, TunnelId.None, binding, out socket);

    /// <summary>
    /// Opens the socket of a tunnel whose SCCRQ came by an L2TP/IP listener. The kernel delivers the messages that follow by our id.
    /// </summary>
    public LinuxError TryOpenBeside(TunnelKey tunnel, in Endpoint local, in Endpoint remote, in SocketBinding binding,
        out DatagramSocket? socket) => Keep(
        Ip.TryOpen(local.ToSockAddr(), tunnel.LocalId, remote.ToSockAddr(), TunnelId.None, binding, out socket), ref socket);

    /// <summary>
    /// Opens a socket that is connected to one peer, on the address and port of a UDP listener. It has the listener's device and mark
    /// unless the peer's profile sets them. The mark of the peer's security association comes before both: without it, what the kernel
    /// sends would not find the association.
    /// </summary>
    public LinuxError TryOpenBeside(TunnelParameters parameters, Listener? listener, bool takesMarks, out DatagramSocket? socket) =>
        TryOpen(new UdpSocketOptions
    {
        Local = parameters.Path.Local.ToSockAddr(),
        Remote = parameters.Path.Remote.ToSockAddr(),
        BindDevice = parameters.BindDevice ?? listener?.BindDevice,
        FwMark = MarkOf(parameters, listener),
        ReceiveMarks = takesMarks,
        RequireEsp = parameters.Path.Remote.IsProtected,
        SharePort = true,
    }, out socket);

    private static uint MarkOf(TunnelParameters parameters, Listener? listener)
    {
        if (parameters.Path.Remote.Mark != 0)
            return parameters.Path.Remote.Mark;
        return parameters.FwMark != 0 ? parameters.FwMark : listener?.FwMark ?? 0;
    }

    private static TransportProblem? Problem(LinuxError error) =>
        error.IsNone ? null : new TransportProblem(
            EspPolicy.IsRefused(error) ? EspPolicy.Explain(error) : error.ToString(), DescriptorBudget.IsExhaustion(error.Errno));

    private LinuxError TryOpen(UdpSocketOptions options, out DatagramSocket? socket)
    {
        var error = UdpSocket.TryOpen(options, out var opened);
        socket = opened;
        return Keep(error, ref socket);
    }

    private LinuxError Keep(LinuxError error, ref DatagramSocket? socket)
    {
        if (error.IsNone && !budget.Allows(socket!.Descriptor))
        {
            socket.Dispose();
            socket = null;
            error = new LinuxError(Errno.EMFILE, "socket", $"limit of {budget.Limit} open files");
        }

        if (DescriptorBudget.IsExhaustion(error.Errno))
            budget.LogLimit();
        return error;
    }
}
