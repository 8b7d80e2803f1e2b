namespace L2tpd.Engine.Admission;

/// <summary>FNV-1a over an SCCRQ's AVPs: a retransmission has the same, a peer that started again (new challenge) another. No secret depends on it.</summary>
internal static class Fingerprint
{
    public static ulong Of(ReadOnlySpan<byte> avps)
    {
        var hash = 14695981039346656037UL;
        foreach (var octet in avps)
            hash = (hash ^ octet) * 1099511628211UL;
        return hash;
    }
}
