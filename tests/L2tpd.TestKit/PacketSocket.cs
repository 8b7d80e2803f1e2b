using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace L2tpd.TestKit;

/// <summary>Sends whole Ethernet frames by an interface of another network namespace (packet(7)).</summary>
internal sealed partial class PacketSocket : IDisposable
{
    private const ushort AllProtocols = 3;

    private readonly Socket _socket;

    private PacketSocket(Socket socket) => _socket = socket;

    public static PacketSocket Open(string networkNamespace, string device) => NetworkNamespace.Make(networkNamespace, () =>
    {
        var socket = new Socket(AddressFamily.Packet, SocketType.Raw, (ProtocolType)IPAddress.HostToNetworkOrder((short)AllProtocols));
        socket.Bind(new DeviceEndPoint((int)if_nametoindex(device)));
        return new PacketSocket(socket);
    });

    public void Send(byte[] frame) => _socket.Send(frame);

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint if_nametoindex(string name);

    /// <summary>struct sockaddr_ll.</summary>
    private sealed class DeviceEndPoint(int index) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            address.Buffer.Span[2..].Clear();
            (address[2], address[3]) = (0, (byte)AllProtocols);
            BitConverter.TryWriteBytes(address.Buffer.Span[4..], index);
            return address;
        }

        public override string ToString() => index.ToString(CultureInfo.InvariantCulture);
    }
}
