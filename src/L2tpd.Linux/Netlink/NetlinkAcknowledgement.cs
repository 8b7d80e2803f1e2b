using System.Globalization;
using System.Runtime.InteropServices;
using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>Reads NLMSG_ERROR and the end of a dump: errno and the extended acknowledgement (NLMSGERR_ATTR_*).</summary>
internal static class NetlinkAcknowledgement
{
    private const int ErrnoSize = 4;

    /// <summary>The error with the text of the kernel, or none for an acknowledgement.</summary>
    public static LinuxError Read(in NetlinkMessage message, string command, string what)
    {
        var payload = message.Payload;
        if (payload.Length < ErrnoSize)
            // NLMSG_DONE of old kernels may be empty. An error without a number is not a valid message.
            return message.Type == Native.NLMSG_DONE ? LinuxError.None : new LinuxError(Errno.EBADMSG, command, what);
        var errno = -MemoryMarshal.Read<int>(payload);
        if (errno == 0)
            return LinuxError.None;
        var text = (message.Flags & Native.NLM_F_ACK_TLVS) == 0 ? "" : ReadText(Attributes(message));
        return new LinuxError(errno, command, text.Length == 0 ? what : what.Length == 0 ? text : $"{what}: {text}");
    }

    private static NetlinkAttributes Attributes(in NetlinkMessage message)
    {
        var payload = message.Payload[ErrnoSize..];
        if (message.Type == Native.NLMSG_DONE)
            return new NetlinkAttributes(payload);
        if (payload.Length < NetlinkWriter.HeaderSize)
            return default;
        // The request is quoted completely, or only its header.
        var quoted = (message.Flags & Native.NLM_F_CAPPED) != 0 ? NetlinkWriter.HeaderSize : MemoryMarshal.Read<uint>(payload);
        if (quoted > (uint)payload.Length)
            return default;
        var aligned = ((int)quoted + 3) & ~3;
        return new NetlinkAttributes(payload[Math.Min(aligned, payload.Length)..]);
    }

    private static string ReadText(NetlinkAttributes attributes)
    {
        var text = "";
        foreach (var attribute in attributes)
        {
            var part = attribute.Type switch
            {
                Native.NLMSGERR_ATTR_MSG => attribute.Text,
                Native.NLMSGERR_ATTR_OFFS => string.Create(CultureInfo.InvariantCulture, $"at octet {attribute.UInt32} of the request"),
                Native.NLMSGERR_ATTR_MISS_TYPE => string.Create(CultureInfo.InvariantCulture, $"attribute {attribute.UInt32} missing"),
                _ => "",
            };
            if (part.Length > 0)
                text = text.Length == 0 ? part : text + ", " + part;
        }

        return text;
    }
}
