namespace L2tpd.Linux.Loop;

/// <summary>One watched descriptor of an <see cref="EventLoop"/>.</summary>
public sealed class LoopRegistration : IDisposable
{
    /// <summary>What it is watched for now; <see cref="Readiness.Error"/> and <see cref="Readiness.HangUp"/> always are.</summary>
    public Readiness Interest => throw new NotImplementedException();

    /// <summary>Changes what is watched for; no system call when it is the same.</summary>
    public void Watch(Readiness interest) => throw new NotImplementedException();

    /// <summary>Stops watching. Idempotent.</summary>
    public void Dispose() => throw new NotImplementedException();
}
