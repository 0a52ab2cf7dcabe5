from django.urls import path

from monitors.views.home import HomePage
from monitors.views.monitor_actions import DeleteMonitor, PauseMonitor, ResumeMonitor, RunNow
from monitors.views.monitor_form import AddMonitor, EditMonitor, PreviewSchedule
from monitors.views.monitors import MonitorList, MonitorPage
from monitors.views.runs import RunPage

app_name = "monitors"
urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    path("monitors/", MonitorList.as_view(), name="monitors"),
    path("monitors/add/", AddMonitor.as_view(), name="add-monitor"),
    path("monitors/preview-schedule/", PreviewSchedule.as_view(), name="preview-schedule"),
    path("monitors/<uuid:pk>/", MonitorPage.as_view(), name="monitor"),
    path("monitors/<uuid:pk>/edit/", EditMonitor.as_view(), name="edit-monitor"),
    path("monitors/<uuid:pk>/run/", RunNow.as_view(), name="run-now"),
    path("monitors/<uuid:pk>/pause/", PauseMonitor.as_view(), name="pause-monitor"),
    path("monitors/<uuid:pk>/resume/", ResumeMonitor.as_view(), name="resume-monitor"),
    path("monitors/<uuid:pk>/delete/", DeleteMonitor.as_view(), name="delete-monitor"),
    path("runs/<int:pk>/", RunPage.as_view(), name="run"),
]
