using L2tpd.Engine;

namespace L2tpd.Unit.Tests.Engine;

/// <summary>The buffer in front of the system's generator.</summary>
public class BufferedRandomSourceTests
{
    [Fact]
    public void No_octet_of_the_source_is_given_out_twice()
    {
        var source = new CountingSource();
        var buffered = new BufferedRandomSource(source);
        var seen = new HashSet<long>();
        Span<byte> number = stackalloc byte[sizeof(long)];
        for (var i = 0; i < 1_000; i++)
        {
            buffered.Fill(number);
            Assert.True(seen.Add(BitConverter.ToInt64(number)), $"{i}: given out before");
        }

        Assert.InRange(source.Calls, 1, 10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(1025)]
    [InlineData(5000)]
    public void Every_octet_of_the_destination_is_filled(int length)
    {
        var buffered = new BufferedRandomSource(new OnesSource());
        for (var i = 0; i < 5; i++)
        {
            var octets = new byte[length];
            buffered.Fill(octets);
            Assert.DoesNotContain((byte)0, octets);
        }
    }

    [Fact]
    public void Nothing_is_taken_for_an_empty_destination()
    {
        var source = new CountingSource();
        new BufferedRandomSource(source).Fill([]);
        Assert.Equal(0, source.Calls);
    }

    /// <summary>Eight octets at a time, a number that grows.</summary>
    private sealed class CountingSource : IRandomSource
    {
        private long _count;

        public int Calls { get; private set; }

        public void Fill(Span<byte> destination)
        {
            Calls++;
            for (var offset = 0; offset < destination.Length; offset += sizeof(long))
                BitConverter.TryWriteBytes(destination[offset..], ++_count);
        }
    }

    private sealed class OnesSource : IRandomSource
    {
        public void Fill(Span<byte> destination) => destination.Fill(1);
    }
}
