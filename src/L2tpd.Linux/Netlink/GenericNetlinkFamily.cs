using L2tpd.Linux.Interop;

namespace L2tpd.Linux.Netlink;

/// <summary>A generic netlink family as the controller describes it (CTRL_CMD_GETFAMILY). The request loads the module.</summary>
/// <param name="Id">The message type of its requests.</param>
/// <param name="Groups">Multicast groups by name.</param>
internal sealed record GenericNetlinkFamily(ushort Id, IReadOnlyDictionary<string, uint> Groups)
{
    /// <summary>Requests a family by its name.</summary>
    /// <returns>ENOENT: there is no family of this name.</returns>
    public static LinuxError Resolve(NetlinkConnection connection, string name, out GenericNetlinkFamily? family)
    {
        connection.Request.BeginGeneric(Native.GENL_ID_CTRL, Native.NLM_F_ACK, Native.CTRL_CMD_GETFAMILY, version: 1);
        connection.Request.Put(Native.CTRL_ATTR_FAMILY_NAME, name);
        GenericNetlinkFamily? found = null;
        var what = $"generic netlink family {name}";
        var error = connection.Execute("CTRL_CMD_GETFAMILY", what, payload => found = Read(payload));
        family = error.IsNone && found is { Id: not 0 } ? found : null;
        return error.IsNone && family is null ? new LinuxError(Errno.EBADMSG, "CTRL_CMD_GETFAMILY", what) : error;
    }

    private static GenericNetlinkFamily Read(ReadOnlySpan<byte> payload)
    {
        ushort id = 0;
        var groups = new Dictionary<string, uint>(StringComparer.Ordinal);
        if (payload.Length < 4)
            return new GenericNetlinkFamily(id, groups);
        foreach (var attribute in new NetlinkAttributes(payload[4..]))
        {
            if (attribute.Type == Native.CTRL_ATTR_FAMILY_ID)
            {
                id = attribute.UInt16;
            }
            else if (attribute.Type == Native.CTRL_ATTR_MCAST_GROUPS)
            {
                foreach (var group in attribute.Nested)
                    ReadGroup(group.Nested, groups);
            }
        }

        return new GenericNetlinkFamily(id, groups);
    }

    private static void ReadGroup(NetlinkAttributes attributes, Dictionary<string, uint> groups)
    {
        var name = "";
        uint id = 0;
        foreach (var attribute in attributes)
        {
            if (attribute.Type == Native.CTRL_ATTR_MCAST_GRP_NAME)
                name = attribute.Text;
            else if (attribute.Type == Native.CTRL_ATTR_MCAST_GRP_ID)
                id = attribute.UInt32;
        }

        groups[name] = id;
    }
}
