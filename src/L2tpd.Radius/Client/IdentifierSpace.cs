namespace L2tpd.Radius.Client;

/// <summary>
/// The 256 identifiers of one source port towards one server. The one that has been free for longest is taken first. The identifier of a
/// request that was given up rests, so that a late answer cannot match another request (RFC 2865 section 3, RFC 5080 section 2.2.1).
/// </summary>
internal sealed class IdentifierSpace
{
    private readonly Queue<(byte Identifier, long FreeAt)> _free = new(256);

    /// <param name="first">The lowest identifier. A connection keeps 0 for its watchdog (RFC 6613 section 2.6.5).</param>
    public IdentifierSpace(byte first = 0)
    {
        for (int i = first; i <= byte.MaxValue; i++)
            _free.Enqueue(((byte)i, long.MinValue));
    }

    /// <summary>Takes an identifier; <c>false</c> if all are in use or at rest.</summary>
    public bool TryTake(long now, out byte identifier)
    {
        // Resting ones may be queued before free ones: one round finds every free one.
        for (var left = _free.Count; left > 0; left--)
        {
            var (candidate, freeAt) = _free.Dequeue();
            if (freeAt <= now)
            {
                identifier = candidate;
                return true;
            }

            _free.Enqueue((candidate, freeAt));
        }

        identifier = 0;
        return false;
    }

    /// <summary>Returns an identifier.</summary>
    /// <param name="identifier">The identifier.</param>
    /// <param name="freeAt">When it may be taken again, milliseconds.</param>
    public void Return(byte identifier, long freeAt) => _free.Enqueue((identifier, freeAt));
}
