using System.Text;
using Tmds.Linux;

namespace L2tpd.Linux.Sockets;

/// <summary>Socket addresses of the Unix domain (unix(7)).</summary>
internal static class UnixAddress
{
    private const int PathOffset = 2;
    private const int MaximumPath = 108;

    /// <summary>
    /// The sockaddr_un of a path, or of a name that begins with @ in the abstract namespace. It is only as long as its name, because an
    /// abstract name ends where the length says. Empty if the text is neither, or too long.
    /// </summary>
    public static byte[] Of(string? path)
    {
        if (path is not { Length: > 1 } || path[0] is not ('/' or '@'))
            return [];
        var name = Encoding.UTF8.GetBytes(path);
        if (name.Length >= MaximumPath)
            return [];
        var isAbstract = path[0] == '@';
        var address = new byte[PathOffset + name.Length + (isAbstract ? 0 : 1)];
        BitConverter.TryWriteBytes(address, (ushort)LibC.AF_UNIX);
        name.CopyTo(address, PathOffset);
        if (isAbstract)
            address[PathOffset] = 0;
        return address;
    }
}
