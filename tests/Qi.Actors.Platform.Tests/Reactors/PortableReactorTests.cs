namespace Qi.Actors.Platform.Tests;

public sealed class PortableReactorTests : ReactorFixture<PortableReactor>
{
    protected override bool IsFrugal => false;

    protected override bool ServesPipes => false;

    protected override bool SharesWrites => false;

    protected override PortableReactor Create() => new();

    [Test]
    public void Attach_OfWhatIsNoSocket_SaysSo()
    {
        using var file = File.OpenHandle(typeof(PortableReactorTests).Assembly.Location);
        using var subject = new PortableReactor();
        using var handle = new IoHandle(file.DangerousGetHandle(), IoHandleKind.File, static _ => { });
        var refused = Assert.Throws<PlatformException>(() => subject.Attach(handle));
        Assert.That(refused.Message, Does.Contain($"Descriptor {handle.Value} (File)").And.Contain("sockets only"));
    }
}
