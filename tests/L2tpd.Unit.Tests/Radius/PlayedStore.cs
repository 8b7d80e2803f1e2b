using L2tpd.Access;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>The files of a spool in memory: calls wait until <see cref="Work"/>, as those of a worker do.</summary>
internal sealed class PlayedStore : ISpoolStore
{
    private readonly Queue<Action> _calls = new();
    private readonly Queue<Action> _results = new();

    /// <summary>Frames by number; their first octet says whether they are done.</summary>
    public SortedDictionary<long, byte[]> Frames { get; private init; } = [];

    public AccountingSpool? Spool { get; set; }

    /// <summary>What writes fail with; <c>null</c>: they do not.</summary>
    public string? Error { get; set; }

    public Func<long> Now { get; set; } = static () => 0;

    /// <summary>The records that wait, as another process finds them.</summary>
    public IEnumerable<SpoolEntry> Waiting => Frames.Where(static pair => pair.Value[0] != SpoolFrame.Done).Select(static pair =>
    {
        Assert.True(SpoolFrame.TryRead(pair.Value, out var record, out _, out var size));
        return new SpoolEntry(new SpoolPlace(pair.Key, 0, size), record!.Status, record.Timestamp, record.SessionId);
    });

    /// <summary>The process was killed: calls that were not carried out are lost, and so are all results.</summary>
    public PlayedStore AfterKill() => new() { Frames = Frames };

    public void Append(ulong token, byte[] frame) => _calls.Enqueue(() =>
    {
        if (Error is { } error)
        {
            _results.Enqueue(() => Spool?.OnAppended(token, null, error, 0));
            return;
        }

        var number = Frames.Count == 0 ? 1 : Frames.Keys.Last() + 1;
        Frames[number] = frame;
        _results.Enqueue(() => Spool?.OnAppended(token, new SpoolPlace(number, 0, frame.Length), null, 0));
    });

    public void Read(ulong token, SpoolPlace place) => _calls.Enqueue(() =>
    {
        SpoolFrame.TryRead(Frames[place.Segment], out var record, out _, out _);
        _results.Enqueue(() => Spool?.OnRead(token, record, Now()));
    });

    public void MarkDone(SpoolPlace place) => _calls.Enqueue(() => Frames[place.Segment][0] = SpoolFrame.Done);

    /// <summary>Carries out some calls, and gives back some results.</summary>
    public void Work(int calls = int.MaxValue, int results = int.MaxValue)
    {
        for (; calls > 0 && _calls.TryDequeue(out var call); calls--)
            call();
        for (; results > 0 && _results.TryDequeue(out var result); results--)
            result();
    }
}
