using System.Security.Cryptography;
using L2tpd.Engine;

namespace L2tpd.Daemon.Hosting;

/// <summary>The generator of the system: ids and challenges must be unpredictable.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
