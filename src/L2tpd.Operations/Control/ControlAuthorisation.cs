using L2tpd.Linux.Host;

namespace L2tpd.Operations.Control;

/// <summary>
/// Decides what a client may do by the credentials that the kernel reports of its process (ADR 21). Root and the daemon's own user may do
/// everything; without configured groups so may everybody whom the socket's permissions let in.
/// </summary>
/// <param name="adminGroup">Group that may do everything; <c>null</c> if none is configured.</param>
/// <param name="readGroup">Group that may see everything; <c>null</c> if none is configured.</param>
internal sealed class ControlAuthorisation(uint? adminGroup, uint? readGroup)
{
    /// <summary>Looks up the configured groups.</summary>
    /// <exception cref="ControlSocketException">There is no such group.</exception>
    public static ControlAuthorisation From(ControlOptions options) =>
        new(Find(options.AdminGroup, "admin-group"), Find(options.ReadGroup, "read-group"));

    /// <summary>The rights of a process.</summary>
    public ControlRights Of(PeerCredentials peer)
    {
        if (peer.IsKnown && (peer.User == 0 || peer.User == PeerCredentials.OwnUser))
            return ControlRights.Admin;
        if (adminGroup is null && readGroup is null)
            return ControlRights.Admin;
        if (!peer.IsKnown)
            return ControlRights.None;
        if (adminGroup is { } admin && peer.IsIn(admin))
            return ControlRights.Admin;
        return readGroup is { } read && peer.IsIn(read) ? ControlRights.Read : ControlRights.None;
    }

    private static uint? Find(string? name, string key)
    {
        if (name is null)
            return null;
        return UserDatabase.TryFindGroup(name, out var id)
            ? id
            : throw new ControlSocketException($"control: {key}: there is no group \"{name}\"");
    }
}
